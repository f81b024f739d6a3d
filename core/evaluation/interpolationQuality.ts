import { PlannerError } from "../errors.ts";
import { type Mask, sliceOf, UNANNOTATED } from "../volume/volume.ts";
import { iouOf, type Overlap, pooled } from "./overlap.ts";

/** Overlaps of each foreground class, class 1 first. */
export type ClassOverlaps = readonly Overlap[];

/** How filled masks agree with the truth in one volume. */
export interface InterpolationQuality {
  /** Annotated and filled slices together, as training sees them. */
  readonly whole: ClassOverlaps;
  /** Slices that nobody annotated. */
  readonly interpolatedOnly: ClassOverlaps;
  /** Filled slices by their distance to the nearest annotated one, in slices, ascending. */
  readonly byDistance: readonly {
    readonly distance: number;
    readonly slices: number;
    readonly overlaps: ClassOverlaps;
  }[];
  /** Pixels of slices that nobody annotated, and how many of them stayed unannotated. */
  readonly pixels: number;
  readonly left: number;
}

/**
 * Compares filled masks with the truth, voxel by voxel. Voxels that stayed unannotated (255)
 * count nowhere but in `left`: nothing trains on them.
 *
 * @param annotated - depth indices a person annotated, ascending
 * @param classes - foreground classes
 * @throws PlannerError "argument" when the shapes differ
 */
export function interpolationQuality(
  filled: Mask,
  truth: Mask,
  annotated: readonly number[],
  classes = 1,
): InterpolationQuality {
  if (filled.classes.length !== truth.classes.length)
    throw new PlannerError(
      "argument",
      `filled mask must have the shape of the truth [${truth.shape.join(", ")}], got [${filled.shape.join(", ")}]`,
    );
  const [depth, height, width] = truth.shape;
  let human: ClassOverlaps = emptyOverlaps(classes);
  const byDistance = new Map<number, { slices: number; overlaps: ClassOverlaps }>();
  let left = 0;
  for (let index = 0; index < depth; index++) {
    const slice = sliceOf(filled.classes, truth.shape, index);
    const overlaps = overlapsOf(slice, sliceOf(truth.classes, truth.shape, index), classes);
    const distance = distanceTo(annotated, index);
    if (distance === 0) {
      human = sumOf([human, overlaps]);
      continue;
    }
    left += slice.reduce((count, value) => count + (value === UNANNOTATED ? 1 : 0), 0);
    const known = byDistance.get(distance);
    byDistance.set(distance, {
      slices: (known?.slices ?? 0) + 1,
      overlaps: known ? sumOf([known.overlaps, overlaps]) : overlaps,
    });
  }
  const interpolatedOnly = sumOf([
    emptyOverlaps(classes),
    ...[...byDistance.values()].map(({ overlaps }) => overlaps),
  ]);
  return {
    whole: sumOf([human, interpolatedOnly]),
    interpolatedOnly,
    byDistance: [...byDistance]
      .sort(([a], [b]) => a - b)
      .map(([distance, found]) => ({ distance, ...found })),
    pixels: (depth - annotated.length) * height * width,
    left,
  };
}

/** Several volumes as if they were one. */
export function pooledQuality(all: readonly InterpolationQuality[]): InterpolationQuality {
  const distances = new Set(all.flatMap(({ byDistance }) => byDistance.map((one) => one.distance)));
  return {
    whole: sumOf(all.map(({ whole }) => whole)),
    interpolatedOnly: sumOf(all.map(({ interpolatedOnly }) => interpolatedOnly)),
    byDistance: [...distances]
      .sort((a, b) => a - b)
      .map((distance) => {
        const found = all.flatMap(({ byDistance }) =>
          byDistance.filter((one) => one.distance === distance),
        );
        return {
          distance,
          slices: found.reduce((sum, { slices }) => sum + slices, 0),
          overlaps: sumOf(found.map(({ overlaps }) => overlaps)),
        };
      }),
    pixels: all.reduce((sum, { pixels }) => sum + pixels, 0),
    left: all.reduce((sum, one) => sum + one.left, 0),
  };
}

/** Mean IoU over the foreground classes that occur; null where none does. */
export function meanIou(overlaps: ClassOverlaps): number | null {
  const defined = overlaps.flatMap((one) => iouOf(one) ?? []);
  return defined.length === 0 ? null : defined.reduce((sum, one) => sum + one, 0) / defined.length;
}

function overlapsOf(filled: Uint8Array, truth: Uint8Array, classes: number): ClassOverlaps {
  const overlaps = emptyOverlaps(classes);
  for (let pixel = 0; pixel < truth.length; pixel++) {
    const [found, wanted] = [filled[pixel] as number, truth[pixel] as number];
    if (found === UNANNOTATED || wanted === UNANNOTATED) continue;
    const [one, other] = [overlaps[found - 1], overlaps[wanted - 1]];
    if (found === wanted) {
      if (one) one.tp++;
      continue;
    }
    if (one) one.fp++;
    if (other) other.fn++;
  }
  return overlaps;
}

type Counts = { -readonly [K in keyof Overlap]: Overlap[K] };

const emptyOverlaps = (classes: number): Counts[] =>
  Array.from({ length: classes }, () => ({ tp: 0, fp: 0, fn: 0 }));

function sumOf(all: readonly ClassOverlaps[]): ClassOverlaps {
  const classes = Math.max(0, ...all.map(({ length }) => length));
  return Array.from({ length: classes }, (_, index) =>
    pooled(all.flatMap((overlaps) => overlaps[index] ?? [])),
  );
}

/** Slices to the nearest of ascending indices; Infinity where there is none. */
function distanceTo(annotated: readonly number[], index: number): number {
  return annotated.reduce((least, one) => Math.min(least, Math.abs(one - index)), Infinity);
}
