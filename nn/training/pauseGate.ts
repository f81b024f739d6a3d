/**
 * Passed between the steps of long work. It lets the thread's messages in (a loop that
 * never leaves the thread hears no cancel) and stays closed while the user paused.
 */
export type Gate = () => Promise<void>;

/** A gate that is always open and lets no messages in: for tests and scripts. */
export const openGate: Gate = async () => undefined;

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
