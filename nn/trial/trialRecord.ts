import type { Overlap } from "#core/evaluation/overlap.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { TrialResult } from "#core/results/result.ts";
import { caseScoreOf, type ScoredTarget, trialScoreOf } from "#core/results/score.ts";
import { type Circumstances, failedResult, trialResult } from "#core/results/trialResult.ts";
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
  readonly #target: ScoredTarget;
  readonly #perCase: CaseScore[] = [];
  #volumes: number | null = null;
  #annotatedSlices: number | null = null;
  #chosen: TrialResult["chosen"];

  constructor(trial: Trial, target: ScoredTarget, origin: Origin, clock: WorkClock) {
    this.#clock = clock;
    this.#trial = trial;
    this.#target = target;
    this.#origin = origin;
  }

  annotated(examples: readonly Example[]): void {
    this.#volumes = examples.length;
    this.#annotatedSlices = examples.reduce((sum, one) => sum + one.annotated.length, 0);
    this.#chosen = examples.map(({ id, annotated }) => ({ case: id, slices: [...annotated] }));
  }

  /** @param overlaps - of class 1, 2, .. */
  scored(id: string, overlaps: readonly Overlap[]): void {
    this.#perCase.push(caseScoreOf(id, overlaps, this.#target));
  }

  /** @param collapsed - no foreground was predicted on any validation case */
  done({ losses, secondsPerStep }: Trained, collapsed: boolean): TrialResult {
    const iou = trialScoreOf(this.#perCase, this.#target);
    const lastTenth = losses.slice(-Math.max(1, Math.ceil(losses.length / 10)));
    return trialResult(this.#trial, this.#circumstances(), {
      status: "done",
      error: null,
      iou,
      collapsed,
      finalLoss: mean(lastTenth),
      secondsPerStep,
    });
  }

  failed(error: unknown): TrialResult {
    return failedResult(this.#trial, this.#circumstances(), error);
  }

  #circumstances(): Circumstances {
    const { engine, experiment } = this.#origin;
    return {
      experiment,
      volumes: this.#volumes,
      annotatedSlices: this.#annotatedSlices,
      chosen: this.#chosen,
      seconds: this.#clock.seconds,
      backend: engine.backend,
      device: engine.device,
    };
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}
