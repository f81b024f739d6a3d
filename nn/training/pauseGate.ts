import type { Gate } from "#core/context.ts";

/** A gate with its handle. */
export interface PauseGate {
  readonly gate: Gate;
  pause(): void;
  resume(): void;
}

/**
 * An open gate that can be closed.
 *
 * @param letMessagesIn - resolves after the thread's waiting messages were handled, e.g.
 *   by way of a `MessageChannel` or `setImmediate`
 */
export function pauseGate(letMessagesIn: () => Promise<void>): PauseGate {
  let opened: Promise<void> | null = null;
  let open = () => {};
  return {
    gate: async () => {
      await letMessagesIn();
      // Paused again while waiting: wait again.
      while (opened) await opened;
    },
    pause: () => {
      opened ??= new Promise((resolve) => {
        open = resolve;
      });
    },
    resume: () => {
      opened = null;
      open();
    },
  };
}
