import { stepOf } from "../volume/affine.ts";
import { type Affine, type Grid, worldOf } from "../volume/grid.ts";
import { canonicalTurn, type Plane } from "../volume/orientation.ts";

/** Index of an axis of a [depth, height, width] array. */
export type ArrayAxis = 0 | 1 | 2;

/** A voxel, [depth, height, width]; may be fractional. */
export type Voxel = readonly [depth: number, height: number, width: number];

export const planeNames = ["axial", "coronal", "sagittal"] as const satisfies readonly Plane[];

/**
 * How a plane of the voxel grid lies on the screen: to the right runs left or posterior, down
 * runs posterior or inferior, as radiologists look at scans. Planes follow the grid and not
 * the world, so that a slice on the screen is a slice of the volume however oblique it is.
 */
export interface PlaneAxes {
  readonly plane: Plane;
  /** Axis that scrolls. */
  readonly fixed: ArrayAxis;
  readonly across: ArrayAxis;
  readonly down: ArrayAxis;
  /** Whether the index falls from left to right, and from top to bottom. */
  readonly acrossFlipped: boolean;
  readonly downFlipped: boolean;
}

/** World axes (0 right, 1 anterior, 2 superior): scrolled, across and down the screen. */
const worldAxes = { axial: [2, 0, 1], coronal: [1, 0, 2], sagittal: [0, 1, 2] } as const;

/** The plane of a grid that is nearest to a plane of the body. */
export function planeAxes(affine: Affine, plane: Plane): PlaneAxes {
  const { from, flipped } = canonicalTurn(affine);
  // The turn names superior, anterior, right; world axes count right, anterior, superior.
  const [fixed, across, down] = worldAxes[plane].map((world) => 2 - world) as Triple;
  return {
    plane,
    fixed: from[fixed],
    across: from[across],
    down: from[down],
    // Screens run towards left, posterior and inferior.
    acrossFlipped: !flipped[across],
    downFlipped: !flipped[down],
  };
}
type Triple = [ArrayAxis, ArrayAxis, ArrayAxis];

/** The plane across an array axis; depth has the plane its slices were stacked in. */
export function planeAcross(affine: Affine, axis: ArrayAxis): PlaneAxes {
  const planes = planeNames.map((plane) => planeAxes(affine, plane));
  return planes.find(({ fixed }) => fixed === axis) as PlaneAxes;
}

/** A place on a slice: distances in mm from its upper left corner, to the right and down. */
export type PlanePoint = readonly [across: number, down: number];

/** Width and height of a slice, mm. */
export function planeSize({ shape, spacing }: Grid, { across, down }: PlaneAxes): PlanePoint {
  return [shape[across] * spacing[across], shape[down] * spacing[down]];
}

/** Where the centre of a voxel lies on the slice through it. */
export function pointOfVoxel({ shape, spacing }: Grid, axes: PlaneAxes, voxel: Voxel): PlanePoint {
  const place = (axis: ArrayAxis, flipped: boolean) => {
    const index = flipped ? shape[axis] - 1 - voxel[axis] : voxel[axis];
    return (index + 0.5) * spacing[axis];
  };
  return [place(axes.across, axes.acrossFlipped), place(axes.down, axes.downFlipped)];
}

/** The voxel of a slice at a place on it; the nearest one for places beside the slice. */
export function voxelAt(
  { shape, spacing }: Grid,
  axes: PlaneAxes,
  slice: number,
  point: PlanePoint,
): Voxel {
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[axes.fixed] = slice;
  const put = (axis: ArrayAxis, flipped: boolean, mm: number) => {
    const last = shape[axis] - 1;
    const index = Math.min(last, Math.max(0, Math.floor(mm / spacing[axis])));
    voxel[axis] = flipped ? last - index : index;
  };
  put(axes.across, axes.acrossFlipped, point[0]);
  put(axes.down, axes.downFlipped, point[1]);
  return voxel;
}

/** Letters of the directions at the edges of a slice, e.g. "R" or, oblique, "RA". */
export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

export function edgeLetters(affine: Affine, axes: PlaneAxes): EdgeLetters {
  const towards = (axis: ArrayAxis, backwards: boolean) => {
    const step = stepOf(affine, (2 - axis) as ArrayAxis);
    return directionLetters(backwards ? step.map((mm) => -mm) : step);
  };
  return {
    right: towards(axes.across, axes.acrossFlipped),
    left: towards(axes.across, !axes.acrossFlipped),
    bottom: towards(axes.down, axes.downFlipped),
    top: towards(axes.down, !axes.downFlipped),
  };
}

/** A direction that deviates less than this from an axis (15 degrees) is named after it alone. */
const OBLIQUE = Math.sin(Math.PI / 12);

/** A direction in RAS+ world as letters, the largest part first. */
function directionLetters(step: readonly number[]): string {
  const length = Math.hypot(...step);
  const names = ["RL", "AP", "SI"];
  return step
    .map((mm, world) => ({ part: Math.abs(mm) / length, name: names[world]?.[mm < 0 ? 1 : 0] }))
    .filter(({ part }) => part > OBLIQUE)
    .sort((a, b) => b.part - a.part)
    .map(({ name }) => name)
    .join("");
}

/** World coordinate of a slice's centre along the axis it is stacked in (RAS+), mm. */
export function slicePosition(
  { shape, affine }: Grid,
  { plane, fixed }: PlaneAxes,
  slice: number,
): number {
  const voxel = shape.map((count, axis) => (axis === fixed ? slice : (count - 1) / 2));
  const center = worldOf(affine, ...(voxel as [number, number, number]));
  return center[worldAxes[plane][0]];
}

/** World coordinate named by its direction, e.g. "S 12.5 mm"; negative ones by the other letter. */
export function positionText(plane: Plane, mm: number): string {
  const [plus, minus] = [
    ["R", "L"],
    ["A", "P"],
    ["S", "I"],
  ][worldAxes[plane][0]] as [string, string];
  return `${mm < 0 ? minus : plus} ${Math.abs(mm).toFixed(1)} mm`;
}
