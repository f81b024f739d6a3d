/**
 * Where one trial under way keeps what it would go on from: a file of the browser's origin, a
 * file beside the results. What is kept is opaque and checks itself.
 */
export interface CheckpointStore {
  /**
   * Takes the place of the one before. A crash leaves one of the two, whole.
   *
   * @param step - steps done, for names and messages
   * @throws PlannerError "storage" when it cannot be kept
   */
  save(step: number, bytes: Uint8Array): Promise<void>;
  /** null when there is none */
  load(): Promise<Uint8Array | null>;
  /** Once the trial is over. */
  remove(): Promise<void>;
}

/** Keeps a checkpoint as long as the program runs. */
export function memoryCheckpoint(): CheckpointStore {
  let kept: Uint8Array | null = null;
  return {
    save: async (_, bytes) => {
      kept = bytes;
    },
    load: async () => kept,
    remove: async () => {
      kept = null;
    },
  };
}
