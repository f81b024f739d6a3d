import { messageOf } from "#core/errors.ts";
import { iouOf, type Overlap, pooled } from "#core/evaluation/overlap.ts";
import type { Trial } from "#core/experiment/trial.ts";
import { METHOD_VERSION, RESULT_SCHEMA_VERSION, type TrialResult } from "#core/results/result.ts";
import type { Example } from "#core/selection/annotate.ts";
import type { Engine } from "../engine.ts";
import type { Trained } from "../training/trainNetwork.ts";
import type { WorkClock } from "./workClock.ts";

/** What a result says of where it comes from besides its trial. */
export interface Origin {
  readonly engine: Engine;
  /** `experimentFingerprint` */
  readonly experiment: string;
}

type CaseScore = NonNullable<TrialResult["iou"]>["perCase"][number];

/** Gathers what becomes the result of a trial. */
export class TrialRecord {
  readonly #clock: WorkClock;
  readonly #trial: Trial;
  readonly #origin: Origin;
  readonly #perCase: CaseScore[] = [];
  #volumes: number | null = null;
  #annotatedSlices: number | null = null;

  constructor(trial: Trial, origin: Origin, clock: WorkClock) {
    this.#clock = clock;
    this.#trial = trial;
    this.#origin = origin;
  }

  annotated(examples: readonly Example[]): void {
    this.#volumes = examples.length;
    this.#annotatedSlices = examples.reduce((sum, one) => sum + one.annotated.length, 0);
  }

  scored(id: string, overlap: Overlap): void {
    this.#perCase.push({ case: id, ...overlap, iou: iouOf(overlap) });
  }

  done({ losses, secondsPerStep }: Trained): TrialResult {
    const defined = this.#perCase.flatMap(({ iou }) => (iou === null ? [] : [iou]));
    const iou = {
      mean: defined.length === 0 ? null : mean(defined),
      pooled: iouOf(pooled(this.#perCase)),
      perCase: this.#perCase,
    };
    const lastTenth = losses.slice(-Math.max(1, Math.ceil(losses.length / 10)));
    return this.#result({
      status: "done",
      error: null,
      iou,
      finalLoss: mean(lastTenth),
      secondsPerStep,
    });
  }

  failed(error: unknown): TrialResult {
    return this.#result({
      status: "failed",
      error: messageOf(error),
      iou: null,
      finalLoss: null,
      secondsPerStep: null,
    });
  }

  #result(
    outcome: Pick<TrialResult, "status" | "error" | "iou" | "finalLoss" | "secondsPerStep">,
  ): TrialResult {
    const { engine, experiment } = this.#origin;
    const { id, configuration, repeat, seed } = this.#trial;
    return {
      schemaVersion: RESULT_SCHEMA_VERSION,
      experiment,
      methodVersion: METHOD_VERSION,
      trial: id,
      configuration: { ...configuration },
      repeat,
      seed,
      volumes: this.#volumes,
      annotatedSlices: this.#annotatedSlices,
      ...outcome,
      seconds: this.#clock.seconds,
      backend: engine.backend,
      device: engine.device,
      finishedAt: new Date().toISOString(),
    };
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
