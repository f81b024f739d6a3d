import type { Random } from "./random.ts";

/** The half of an `AbortSignal` that long work needs; `core` knows no DOM. */
export interface StopSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/**
 * Passed between the steps of long work. It lets the thread's messages in (a loop that
 * never leaves the thread hears no cancel) and stays closed while the user paused.
 */
export type Gate = () => Promise<void>;

/** What a long computation is given besides its data. */
export interface Context {
  readonly random: Random;
  readonly signal: StopSignal;
  readonly gate: Gate;
}

/** A gate that is always open and lets no messages in: for tests and scripts. */
export const openGate: Gate = async () => undefined;

/** A signal nobody stops. */
export const neverStopped: StopSignal = { aborted: false, throwIfAborted: () => undefined };
