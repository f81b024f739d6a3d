import type { PatchSize } from "#core/experiment/patchSize.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { Grid } from "#core/volume/grid.ts";
import type { Mask } from "#core/volume/volume.ts";
import type { Weights } from "../engine.ts";

/** A network at the end of its trial. */
export interface EndedNetwork {
  readonly weights: Weights;
  readonly patch: PatchSize;
}

/** Who keeps what a trial makes besides its scores; nobody, unless asked to. */
export interface TrialKeeper {
  /** Of every test case, on the grid of its image. */
  prediction?(trial: Trial, id: string, mask: Mask, grid: Grid): Promise<void>;
  network?(trial: Trial, network: EndedNetwork): Promise<void>;
}
