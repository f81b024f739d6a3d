import { spacingOf, stepOf } from "./affine.ts";
import type { Affine, Grid, Shape3 } from "./grid.ts";
import { worldOf } from "./grid.ts";
import type { Volume, VoxelArray } from "./volume.ts";

/** The plane a slice shows: axial slices are stacked from inferior to superior. */
export type Plane = "axial" | "coronal" | "sagittal";

/** World axes (0 right, 1 anterior, 2 superior) of [depth, height, width]. */
const worldAxesOf = {
  axial: [2, 1, 0],
  coronal: [1, 2, 0],
  sagittal: [0, 2, 1],
} as const satisfies Record<Plane, Triple>;

type Axis = 0 | 1 | 2;
type Triple = readonly [Axis, Axis, Axis];

/** How an array is turned: axis a of the result is axis `from[a]` of the source. */
export interface Turn {
  readonly from: Triple;
  /** Whether it runs backwards. */
  readonly flipped: readonly [boolean, boolean, boolean];
}

/**
 * Letters of the world directions that i (width), j (height) and k (depth) increase towards,
 * of right/left, anterior/posterior, superior/inferior, e.g. "LAS". Each letter pair occurs
 * once, also for oblique grids: the assignment with the largest sum of cosines counts.
 */
export function axisCodes(affine: Affine): string {
  const letters = ["LR", "PA", "IS"] as const;
  return nearestWorldAxes(affine)
    .map((world, column) => {
      const towards = stepOf(affine, column as Axis)[world] < 0 ? 0 : 1;
      return (letters[world] as string)[towards];
    })
    .join("");
}

/**
 * How to turn a grid so that depth, height and width run along the nearest world axes and
 * towards right, anterior and superior: for axial slices the slice axis is the one nearest
 * superior-inferior.
 */
export function canonicalTurn(affine: Affine, plane: Plane = "axial"): Turn {
  const nearest = nearestWorldAxes(affine);
  const along = (world: Axis) => {
    const column = nearest.indexOf(world) as Axis;
    return { from: (2 - column) as Axis, flipped: stepOf(affine, column)[world] < 0 };
  };
  const [depth, height, width] = worldAxesOf[plane].map(along) as [Side, Side, Side];
  return {
    from: [depth.from, height.from, width.from],
    flipped: [depth.flipped, height.flipped, width.flipped],
  };
}
interface Side {
  readonly from: Axis;
  readonly flipped: boolean;
}

/** Whether a turn changes nothing. */
export function isIdentity({ from, flipped }: Turn): boolean {
  return from.every((source, axis) => source === axis) && !flipped.some(Boolean);
}

/** The turn back. */
export function inverseOf({ from, flipped }: Turn): Turn {
  const to = (source: Axis) => from.indexOf(source) as Axis;
  return {
    from: [to(0), to(1), to(2)],
    flipped: [flipped[to(0)], flipped[to(1)], flipped[to(2)]],
  };
}

/** The grid after a turn; every voxel keeps its place in the world. */
export function turnedGrid({ shape, affine }: Grid, { from, flipped }: Turn): Grid {
  const start = from.reduce<[number, number, number]>(
    (voxel, source, axis) => {
      if (flipped[axis]) voxel[source] = (shape[source] as number) - 1;
      return voxel;
    },
    [0, 0, 0],
  );
  const origin = worldOf(affine, ...start);
  // Columns of an affine are width, height, depth: 2 - axis.
  const steps = ([2, 1, 0] as const).map((axis) => {
    const step = stepOf(affine, (2 - from[axis]) as Axis);
    return step.map((mm) => (flipped[axis] ? -mm : mm));
  });
  const row = (world: Axis) => [...steps.map((step) => step[world]), origin[world]];
  const turned = [...row(0), ...row(1), ...row(2)] as unknown as Affine;
  return {
    shape: [shape[from[0]], shape[from[1]], shape[from[2]]],
    spacing: spacingOf(turned),
    affine: turned,
  };
}

/** Voxels after a turn; the same array when the turn changes nothing. */
export function turnedVoxels<A extends VoxelArray>(voxels: A, shape: Shape3, turn: Turn): A {
  if (isIdentity(turn)) return voxels;
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  let start = 0;
  const [depthSide, heightSide, widthSide] = turn.from.map((source, axis) => {
    const stride = strides[source];
    if (turn.flipped[axis]) start += stride * (shape[source] - 1);
    return { count: shape[source], step: turn.flipped[axis] ? -stride : stride };
  }) as [Walk, Walk, Walk];
  const turned = new (voxels.constructor as new (length: number) => A)(voxels.length);
  let to = 0;
  for (let d = 0, atDepth = start; d < depthSide.count; d++, atDepth += depthSide.step) {
    for (let h = 0, from = atDepth; h < heightSide.count; h++, from += heightSide.step) {
      for (let w = 0, at = from; w < widthSide.count; w++, at += widthSide.step) {
        turned[to++] = voxels[at] as number;
      }
    }
  }
  return turned;
}
interface Walk {
  readonly count: number;
  readonly step: number;
}

/** A volume after a turn; the volume itself when the turn changes nothing. */
export function turnedVolume(volume: Volume, turn: Turn): Volume {
  if (isIdentity(turn)) return volume;
  return { ...turnedGrid(volume, turn), voxels: turnedVoxels(volume.voxels, volume.shape, turn) };
}

/**
 * A volume turned to the canonical orientation of a plane, its affine with it.
 *
 * @returns [depth, height, width] towards, for axial slices, superior, anterior, right
 */
export function canonicalVolume(volume: Volume, plane: Plane = "axial"): Volume {
  return turnedVolume(volume, canonicalTurn(volume.affine, plane));
}

const assignments: readonly Triple[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** World axis nearest to i, j and k; the first of equals, so that 45 degrees is no chance. */
function nearestWorldAxes(affine: Affine): Triple {
  const cosine = (column: Axis, world: Axis) => {
    const step = stepOf(affine, column);
    return Math.abs(step[world]) / Math.hypot(...step);
  };
  const score = ([i, j, k]: Triple) => cosine(0, i) + cosine(1, j) + cosine(2, k);
  return assignments.reduce((best, other) =>
    // More than rounding, or the order of additions would decide.
    score(other) > score(best) + 1e-9 ? other : best,
  );
}
