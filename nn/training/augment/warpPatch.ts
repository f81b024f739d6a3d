import type { Shape3, Spacing3 } from "#core/volume/grid.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import type { Matrix3 } from "./affine.ts";

/** Image and classes on one grid, row-major. */
export interface LabelledGrid {
  readonly shape: Shape3;
  readonly image: Float32Array;
  readonly classes: Uint8Array;
}

/** Where the places of a patch come from. */
export interface Warp {
  /** First voxel of the patch in the volume; may lie outside. */
  readonly corner: Shape3;
  /** mm */
  readonly spacing: Spacing3;
  /** From offsets about the patch's centre to those in the volume, mm. */
  readonly matrix: Matrix3;
  /** Added after the matrix, mm: for depth, height and width one value per place; or none. */
  readonly displacement: readonly Float32Array[] | null;
}

/**
 * Fills a patch from a volume through a change of coordinates: intensities by linear
 * interpolation, classes from the nearest voxel. Places that come from outside the volume get
 * `outside` and class 255.
 *
 * @param outside - intensity, the lowest of the image
 */
export function warpPatch(
  from: LabelledGrid,
  into: LabelledGrid,
  { corner, spacing, matrix, displacement }: Warp,
  outside: number,
): void {
  const [, height, width] = into.shape;
  const centre = into.shape.map((size) => (size - 1) / 2);
  const source: [number, number, number] = [0, 0, 0];
  for (let place = 0; place < into.image.length; place++) {
    const index = [
      Math.floor(place / (height * width)),
      Math.floor(place / width) % height,
      place % width,
    ];
    for (let axis = 0; axis < 3; axis++) {
      let mm = displacement?.[axis]?.[place] ?? 0;
      for (let k = 0; k < 3; k++) {
        const offset = ((index[k] ?? 0) - (centre[k] ?? 0)) * (spacing[k] ?? 1);
        mm += (matrix[axis * 3 + k] ?? 0) * offset;
      }
      source[axis] = (corner[axis] ?? 0) + (centre[axis] ?? 0) + mm / (spacing[axis] ?? 1);
    }
    into.image[place] = linear(from, source, outside);
    into.classes[place] = nearest(from, source);
  }
}

function linear(from: LabelledGrid, at: readonly [number, number, number], outside: number) {
  if (!isInside(from.shape, at)) return outside;
  const low = at.map(Math.floor);
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    let weight = 1;
    let index = 0;
    for (let axis = 0; axis < 3; axis++) {
      const size = from.shape[axis] ?? 1;
      const upper = (corner >> axis) & 1;
      const fraction = (at[axis] ?? 0) - (low[axis] ?? 0);
      weight *= upper ? fraction : 1 - fraction;
      const clamped = Math.min(size - 1, Math.max(0, (low[axis] ?? 0) + upper));
      index = index * size + clamped;
    }
    if (weight > 0) sum += weight * (from.image[index] ?? 0);
  }
  return sum;
}

function nearest(from: LabelledGrid, at: readonly [number, number, number]): number {
  if (!isInside(from.shape, at)) return UNANNOTATED;
  let index = 0;
  for (let axis = 0; axis < 3; axis++) {
    const size = from.shape[axis] ?? 1;
    index = index * size + Math.min(size - 1, Math.max(0, Math.round(at[axis] ?? 0)));
  }
  return from.classes[index] ?? UNANNOTATED;
}

/** Inside the voxels' edges, half a voxel beyond the outermost centres. */
function isInside(shape: Shape3, at: readonly [number, number, number]): boolean {
  return at.every((one, axis) => one >= -0.5 && one <= (shape[axis] ?? 1) - 0.5);
}
