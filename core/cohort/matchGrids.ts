import { largestDistance } from "../volume/affine.ts";
import type { Grid, Shape3 } from "../volume/grid.ts";
import { canonicalTurn, type Plane, type Turn, turnedGrid } from "../volume/orientation.ts";
import type { Volume } from "../volume/volume.ts";

/** How a mask is turned to lie on its image's canonical grid, or why it cannot. */
export type GridMatch =
  | { readonly fits: true; readonly turn: Turn; readonly warning: string | null }
  | { readonly fits: false; readonly reason: string };

/** A volume and whether its file says how it lies in space. */
export interface PlacedFile {
  readonly volume: Volume;
  readonly isPlaced: boolean;
}

/** Distance that is rounding: this share of a voxel, or 1/1000 mm. */
const ROUNDING_VOXELS = 0.01;
const ROUNDING_MM = 1e-3;

/**
 * Decides whether a mask lies on the grid of its image. What counts is how far the places of
 * equal voxels are apart at most, in the world:
 *
 * - rounding (1 % of a voxel edge, or 1/1000 mm): they fit;
 * - below one voxel edge: they fit with a warning, as headers that passed through other
 *   programs differ by that much, and the image's places are taken;
 * - one of the two files does not say how it lies, and shapes are equal: they fit with a warning;
 * - anything else does not fit: the mask may be of another scan, or mirrored.
 *
 * Files may store the same grid in different axis orders.
 *
 * @param plane - of the slices; axial when absent
 */
export function matchGrids(image: PlacedFile, mask: PlacedFile, plane?: Plane): GridMatch {
  const [a, b] = [image.volume, mask.volume];
  const imageTurn = canonicalTurn(a.affine, plane);
  const maskTurn = canonicalTurn(b.affine, plane);
  // Stored alike first: near 45 degrees the two could be turned differently.
  const asStored = isSameShape(a.shape, b.shape) ? distanceOf(a, b) : null;
  const canonical = turnedGrid(a, imageTurn);
  const turned = turnedGrid(b, maskTurn);
  const asTurned = isSameShape(canonical.shape, turned.shape)
    ? distanceOf(canonical, turned)
    : null;
  for (const [distance, turn] of [
    [asStored, imageTurn],
    [asTurned, maskTurn],
  ] as const) {
    if (distance !== null && distance.voxels < 1) {
      return { fits: true, turn, warning: warningOf(distance) };
    }
  }
  const isUnplaced = (file: PlacedFile) => !file.isPlaced;
  if (asStored && isUnplaced(image) !== isUnplaced(mask)) {
    const [silent, other] = isUnplaced(image) ? ["image", "mask"] : ["mask", "image"];
    const warning = `the ${silent}'s file does not say how it lies in space; it is taken to lie as its ${other} does`;
    return { fits: true, turn: imageTurn, warning };
  }
  return { fits: false, reason: reasonOf(a, b, asStored ?? asTurned) };
}

interface Distance {
  readonly mm: number;
  /** In edges of the image's smallest voxel side. */
  readonly voxels: number;
}

function distanceOf(a: Grid, b: Grid): Distance {
  const mm = largestDistance(a.affine, b.affine, a.shape);
  return { mm, voxels: mm / Math.min(...a.spacing) };
}

function warningOf({ mm, voxels }: Distance): string | null {
  if (mm <= ROUNDING_MM || voxels <= ROUNDING_VOXELS) return null;
  return `mask and image lie up to ${rounded(mm)} mm apart, less than a voxel; the image's place is taken`;
}

function reasonOf(image: Grid, mask: Grid, distance: Distance | null): string {
  const apart = distance ? `; equal voxels lie up to ${rounded(distance.mm)} mm apart` : "";
  return (
    `mask must lie on the grid of its image, got ${described(mask)} for the mask and ` +
    `${described(image)} for the image${apart}; resample the mask to the image`
  );
}

/** As stored, width first, as other programs show it. */
function described({ shape, spacing }: Grid): string {
  const voxels = shape.toReversed().join(" x ");
  return `${voxels} voxels of ${spacing.toReversed().map(rounded).join(" x ")} mm`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function isSameShape(a: Shape3, b: Shape3): boolean {
  return a.every((count, axis) => count === b[axis]);
}
