import type { Trial } from "#core/experiment/trial.ts";
import { hashText } from "#core/hash.ts";
import type { CheckpointStore } from "#core/results/checkpointStore.ts";
import { METHOD_VERSION } from "#core/results/result.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../training/checkpointBytes.ts";
import type { Trained, TrainingPoint } from "../training/trainNetwork.ts";
import type { Origin } from "./trialRecord.ts";
import type { WorkClock } from "./workClock.ts";

export interface CheckpointOptions {
  /** Where a trial keeps what it would go on from; removed when it is over. */
  readonly checkpoint?: CheckpointStore;
  /** Seconds of work between two checkpoints, 30 unless given: a minute is never lost. */
  readonly checkpointSeconds?: number;
}

/** The checkpoints of one trial. A store that fails never fails the trial. */
export class TrialCheckpoints {
  readonly #store: CheckpointStore | null;
  readonly #key: string;
  readonly #interval: number;
  readonly #clock: WorkClock;
  #keptAt = 0;

  constructor(trial: Trial, origin: Origin & CheckpointOptions, clock: WorkClock) {
    const { experiment, engine, checkpoint, checkpointSeconds = 30 } = origin;
    this.#interval = checkpointSeconds;
    // The CPU path gives the same bits on every machine; another graphics card does not.
    const device = engine.backend === "cpu" ? "cpu" : engine.device;
    this.#key = hashText(JSON.stringify([METHOD_VERSION, experiment, trial, device]));
    this.#store = checkpoint ?? null;
    this.#clock = clock;
  }

  /** Where the trial goes on; null when it starts. The clock then counts the earlier work too. */
  async load(): Promise<TrainingPoint | null> {
    const bytes = await this.#store?.load().catch(() => null);
    const found = bytes ? decodeCheckpoint(bytes) : null;
    if (found?.key !== this.#key) return null;
    this.#clock.addEarlier(found.seconds);
    this.#keptAt = this.#clock.seconds;
    return found.point;
  }

  isDue(): boolean {
    return this.#store !== null && this.#clock.seconds - this.#keptAt >= this.#interval;
  }

  async keep(point: TrainingPoint): Promise<void> {
    const { seconds } = this.#clock;
    // Counted from here even when it fails: a full disk is not asked in every step.
    this.#keptAt = seconds;
    const bytes = encodeCheckpoint({ key: this.#key, seconds, point });
    await this.#store?.save(point.state.steps, bytes).catch(() => undefined);
  }

  /** The end of training, where the work before it is worth it: scoring takes its time too. */
  async keepEnd({ model, losses }: Trained): Promise<void> {
    if (!this.#store || this.#clock.seconds - this.#keptAt < this.#interval / 2) return;
    await this.keep({ state: await model.readState(), losses });
  }

  async remove(): Promise<void> {
    await this.#store?.remove().catch(() => undefined);
  }
}
