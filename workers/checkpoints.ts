import { hashText } from "#core/hash.ts";
import type { CheckpointStore } from "#core/results/checkpointStore.ts";
import { type FileArea, memoryArea } from "./fileArea.ts";

/** Trials whose checkpoints are kept; those of runs that nobody goes on with must not pile up. */
const MOST = 8;

/** Checkpoints of trials under way, as files of this origin. */
export class Checkpoints {
  readonly #area: () => Promise<FileArea>;
  #opened: Promise<FileArea> | null = null;

  /** @param open - where it fails checkpoints live as long as the worker */
  constructor(open: () => Promise<FileArea>) {
    this.#area = () => open().catch(() => memoryArea());
  }

  /** @param experiment - fingerprint */
  async of(experiment: string, trial: string): Promise<CheckpointStore> {
    this.#opened ??= this.#area();
    const area = await this.#opened;
    const name = `${hashText(`${experiment}/${trial}`)}.checkpoint`;
    return {
      save: async (_, bytes) => {
        await makeRoom(area, name);
        await area.write(name, [bytes]);
      },
      load: () => area.read(name),
      remove: () => area.remove(name),
    };
  }
}

async function makeRoom(area: FileArea, name: string): Promise<void> {
  const others = (await area.list()).filter((one) => one !== name);
  for (const one of others.slice(0, Math.max(0, others.length - MOST + 1))) await area.remove(one);
}
