import { type ArrayAxis, type PlaneAxes, planeAxes, type Voxel } from "#core/view/planes.ts";
import type { Grid } from "#core/volume/grid.ts";
import type { Plane } from "#core/volume/orientation.ts";
import { fromPane, type PaneSize, type Projection } from "./projection.ts";

type Point = [number, number, number];

/**
 * A grid as cornerstone gets it: x fastest, in mm towards left, posterior and superior, its axes
 * straightened. The viewer shows planes of the grid, so an oblique or sheared volume needs no
 * other treatment than a straight one; where voxels are in the world the page works out itself.
 */
export interface DisplayGrid {
  readonly dimensions: Point;
  readonly spacing: Point;
  readonly origin: Point;
  /** Direction of width, height and depth. */
  readonly direction: readonly [...Point, ...Point, ...Point];
}

/** Screen axes of the planes: to the right, up, and towards the viewer. */
const screens: Record<Plane, { readonly right: Point; readonly up: Point; readonly near: Point }> =
  {
    axial: { right: [1, 0, 0], up: [0, -1, 0], near: [0, 0, -1] },
    coronal: { right: [1, 0, 0], up: [0, 0, 1], near: [0, -1, 0] },
    sagittal: { right: [0, 1, 0], up: [0, 0, 1], near: [1, 0, 0] },
  };

export function displayGrid(grid: Grid): DisplayGrid {
  const [depth, height, width] = grid.shape;
  const [d, h, w] = grid.spacing;
  return {
    dimensions: [width, height, depth],
    spacing: [w, h, d],
    origin: [0, 0, 0],
    direction: [...directionOf(grid, 2), ...directionOf(grid, 1), ...directionOf(grid, 0)],
  };
}

/** Direction of an array axis: of the screen axis that it lies along, in any plane that shows it. */
function directionOf({ affine }: Grid, axis: ArrayAxis): Point {
  const shown = (["axial", "coronal", "sagittal"] as const)
    .map((plane) => planeAxes(affine, plane))
    .find(({ fixed }) => fixed !== axis) as PlaneAxes;
  const { right, up } = screens[shown.plane];
  if (shown.across === axis) return scaled(right, shown.acrossFlipped ? -1 : 1);
  return scaled(up, shown.downFlipped ? 1 : -1);
}

/** Where the centre of a voxel is shown. */
export function displayPoint(grid: Grid, voxel: Voxel): Point {
  const steps = ([0, 1, 2] as const).map((axis) =>
    scaled(directionOf(grid, axis), voxel[axis] * grid.spacing[axis]),
  );
  return steps.reduce(sum, [0, 0, 0]);
}

export interface DisplayCamera {
  readonly focalPoint: Point;
  readonly position: Point;
  readonly viewPlaneNormal: Point;
  readonly viewUp: Point;
  /** Half the height of the pane, mm. */
  readonly parallelScale: number;
}

/** How far the eye is from the slice, mm; nothing depends on it. */
const DISTANCE = 1000;

/** The camera that shows a slice as a projection does. */
export function displayCamera(
  grid: Grid,
  axes: PlaneAxes,
  slice: number,
  size: PaneSize,
  projection: Projection,
): DisplayCamera {
  const { right, up, near } = screens[axes.plane];
  const corner: [number, number, number] = [0, 0, 0];
  corner[axes.fixed] = slice;
  corner[axes.across] = axes.acrossFlipped ? grid.shape[axes.across] - 1 : 0;
  corner[axes.down] = axes.downFlipped ? grid.shape[axes.down] - 1 : 0;
  const middle = fromPane(projection, [size.width / 2, size.height / 2]);
  const across = middle[0] - grid.spacing[axes.across] / 2;
  const down = middle[1] - grid.spacing[axes.down] / 2;
  const focalPoint = [scaled(right, across), scaled(up, -down)].reduce(
    sum,
    displayPoint(grid, corner),
  );
  return {
    focalPoint,
    position: sum(focalPoint, scaled(near, DISTANCE)),
    viewPlaneNormal: near,
    viewUp: up,
    parallelScale: size.height / 2 / projection.scale,
  };
}

function scaled(point: Point, factor: number): Point {
  // Not -0, which compares unequal.
  return point.map((part) => part * factor + 0) as Point;
}

function sum(a: Point, b: Point): Point {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
