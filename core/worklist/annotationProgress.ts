import { PlannerError } from "../errors.ts";
import type { Volume } from "../volume/volume.ts";
import type { Worklist, WorklistCase } from "./worklist.ts";

/** What has come back of a worklist. */
export interface AnnotationProgress {
  readonly planned: number;
  /** Planned slices on which the target was drawn. */
  readonly drawn: number;
  /** Planned slices of masks that came back without the target: empty, or not drawn yet. */
  readonly empty: number;
  /** Planned slices whose mask has not come back. */
  readonly missing: number;
  /** Slices with the target that nobody planned. */
  readonly unplanned: number;
  readonly cases: readonly CaseProgress[];
}

export interface CaseProgress {
  readonly id: string;
  readonly planned: number;
  readonly drawn: number;
  readonly empty: number;
  readonly unplanned: number;
  readonly cameBack: boolean;
}

/**
 * Compares masks that came back with the plan.
 *
 * @param maskOf - the mask of a case as stored, on its image's grid; null when there is none
 * @param isTarget - whether a label is the target; labels such as "ignore" are not
 * @throws PlannerError "cohort" when a mask has another shape than its image
 */
export function annotationProgress(
  { cases }: Worklist,
  maskOf: (id: string) => Volume | null,
  isTarget: (label: number) => boolean = (label) => label === 1,
): AnnotationProgress {
  const found = cases.map((one) => progressOf(one, maskOf(one.id), isTarget));
  const total = (of: (one: CaseProgress) => number) => found.reduce((sum, one) => sum + of(one), 0);
  return {
    planned: total(({ planned }) => planned),
    drawn: total(({ drawn }) => drawn),
    empty: total(({ empty }) => empty),
    missing: total(({ planned, cameBack }) => (cameBack ? 0 : planned)),
    unplanned: total(({ unplanned }) => unplanned),
    cases: found,
  };
}

function progressOf(
  { id, grid, slices }: WorklistCase,
  mask: Volume | null,
  isTarget: (label: number) => boolean,
): CaseProgress {
  const planned = slices.length;
  if (!mask) return { id, planned, drawn: 0, empty: 0, unplanned: 0, cameBack: false };
  if (mask.shape.some((count, axis) => count !== grid.shape[axis])) {
    throw new PlannerError(
      "cohort",
      `mask of ${id} must have the shape of its image [${grid.shape.join(", ")}], ` +
        `got [${mask.shape.join(", ")}]`,
    );
  }
  const axis = { k: 0, j: 1, i: 2 }[slices[0]?.axis ?? "k"] as 0 | 1 | 2;
  const filled = filledSlices(mask, axis, isTarget);
  const drawn = slices.filter(({ index0 }) => filled.has(index0)).length;
  return {
    id,
    planned,
    drawn,
    empty: planned - drawn,
    unplanned: filled.size - drawn,
    cameBack: true,
  };
}

/** Indices along an axis of the array on which the target was drawn. */
function filledSlices(
  { voxels, shape: [, height, width] }: Volume,
  axis: 0 | 1 | 2,
  isTarget: (label: number) => boolean,
): Set<number> {
  const filled = new Set<number>();
  for (let index = 0; index < voxels.length; index++) {
    if (!isTarget(voxels[index] as number)) continue;
    const place = [
      Math.floor(index / (height * width)),
      Math.floor(index / width) % height,
      index % width,
    ];
    filled.add(place[axis] as number);
  }
  return filled;
}
