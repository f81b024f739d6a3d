import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { CheckpointStore } from "#core/results/checkpointStore.ts";

/** Folder of the checkpoints in an output folder; empty and gone when every trial is over. */
export const CHECKPOINTS_FOLDER = "checkpoints";

/**
 * The checkpoint of a trial as a file beside the results: `checkpoints/<trial>.checkpoint`.
 * It is written under another name and renamed when it is on the disk.
 *
 * @param folder - of the results
 */
export function checkpointFile(folder: string, trial: string): CheckpointStore {
  const path = join(folder, CHECKPOINTS_FOLDER, `${trial}.checkpoint`);
  // Another run may work on the same trial in the same folder.
  const draft = `${path}.${process.pid}`;
  return {
    save: async (_, bytes) => {
      try {
        await mkdir(dirname(path), { recursive: true });
        const file = await open(draft, "w");
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, path);
      } catch (cause) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw new PlannerError(
          "storage",
          `${path} could not be written (${messageOf(cause)}); check the folder and the free space`,
          { cause },
        );
      }
    },
    load: () => readFile(path).catch(() => null),
    remove: async () => {
      await rm(path, { force: true });
    },
  };
}
