import type { InterpolatorName } from "../experiment/methods.ts";
import type { Grid } from "../volume/grid.ts";
import type { VoxelArray } from "../volume/volume.ts";
import type { Percentiles } from "./windows.ts";

/** Where the voxels of a mask come from. Plain data: it names a mask and can be compared. */
export type MaskSource =
  | {
      readonly kind: "reference";
      /** Labels of class 1, 2, .., as trials see them; null keeps every label apart. */
      readonly classes: readonly (readonly number[])[] | null;
    }
  | InterpolatedSource
  | {
      /** How sure an interpolator is of each voxel it filled. */
      readonly kind: "confidence";
      readonly of: InterpolatedSource;
    }
  | {
      /** What the network of a finished trial predicted for a test case. */
      readonly kind: "predicted";
      readonly experiment: string;
      readonly trial: string;
    }
  | { readonly kind: "difference"; readonly first: MaskSource; readonly second: MaskSource };

/** The reference on some slices, the rest filled by an interpolator. */
export interface InterpolatedSource {
  readonly kind: "interpolated";
  /** Labels of class 1, 2, .. */
  readonly classes: readonly (readonly number[])[];
  readonly interpolator: InterpolatorName;
  /** Annotated slices: depth indices, ascending. */
  readonly slices: readonly number[];
}

/** The image of a case as a page shows it. */
export interface CaseImage {
  readonly grid: Grid;
  /** Row-major [depth, height, width]. */
  readonly voxels: VoxelArray;
  readonly percentiles: Percentiles;
}

/** A mask on its case's grid, row-major [depth, height, width]; 0 is background. */
export interface MaskVoxels {
  readonly voxels: Uint8Array;
  /** Labels of the values 1, 2, ..; empty when values are no labels. */
  readonly labels: readonly number[];
}

/** A text that is the same for equal sources only. */
export function sourceKey(source: MaskSource): string {
  return JSON.stringify(source);
}
