import type { TrialProgress } from "#core/results/progress.ts";
import { withLosses } from "../store/runSlice.ts";
import type { RunSlice } from "../store/state.ts";
import { type AppStore, changeRun } from "../store/store.ts";

/** Milliseconds between two changes of the page while a phase lasts. */
const SHORTEST_PAUSE = 250;

/**
 * Brings the reports of one trial to the page, at most four times a second, so that a fast
 * device does not keep the page busy. Losses between two changes are gathered, not lost.
 */
export class ProgressFeed {
  readonly #store: AppStore;
  readonly #now: () => number;
  /** Seconds to the end of the run after a report. */
  readonly etaOf: (progress: TrialProgress | null) => number | null;
  #shownAt = Number.NEGATIVE_INFINITY;
  #phase: TrialProgress["phase"] | null = null;
  #losses: (readonly [step: number, loss: number])[] = [];
  #steps = 1;

  constructor(
    store: AppStore,
    now: () => number,
    etaOf: (progress: TrialProgress | null) => number | null,
  ) {
    this.#store = store;
    this.#now = now;
    this.etaOf = etaOf;
  }

  add(progress: TrialProgress): void {
    if (progress.phase === "train") {
      this.#losses.push([progress.step, progress.loss]);
      this.#steps = progress.steps;
    }
    const isNew = progress.phase !== this.#phase || progress.step >= progress.steps;
    const now = this.#now();
    if (!isNew && now - this.#shownAt < SHORTEST_PAUSE) return;
    this.#shownAt = now;
    this.#phase = progress.phase;
    changeRun(this.#store, this.#change(progress));
    this.#losses = [];
  }

  #change(progress: TrialProgress): Partial<RunSlice> {
    const { losses } = this.#store.getState().run;
    return {
      progress,
      losses: withLosses(losses, this.#losses, this.#steps),
      etaSeconds: this.etaOf(progress),
    };
  }
}
