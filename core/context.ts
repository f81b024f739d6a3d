import type { Random } from "./random.ts";

/** The half of an `AbortSignal` that long work needs; `core` knows no DOM. */
export interface StopSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/** What a long computation is given besides its data. */
export interface Context {
  readonly random: Random;
  readonly signal: StopSignal;
}

/** A signal nobody stops. */
export const neverStopped: StopSignal = { aborted: false, throwIfAborted: () => undefined };
