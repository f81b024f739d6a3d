import type { Affine, Shape3, Spacing3 } from "./grid.ts";
import { worldOf } from "./grid.ts";

/** Column of an affine: the step in the world (mm) along i (0, width), j (1) or k (2, depth). */
export function stepOf(affine: Affine, column: 0 | 1 | 2): [number, number, number] {
  return [affine[column], affine[column + 4] as number, affine[column + 8] as number];
}

/** Edge lengths of a voxel, [depth, height, width], mm. */
export function spacingOf(affine: Affine): Spacing3 {
  const along = (column: 0 | 1 | 2) => Math.hypot(...stepOf(affine, column));
  return [along(2), along(1), along(0)];
}

/** Determinant of the upper left 3x3 part, mm^3; 0 when the affine cannot be inverted. */
export function determinantOf(affine: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** World (mm) to voxel; the affine must have a determinant other than 0. */
export function inverseOf(affine: Affine): Affine {
  const [a, b, c, x, d, e, f, y, g, h, i, z] = affine;
  const scale = 1 / determinantOf(affine);
  const rows = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ] as const;
  return rows.flatMap(([p, q, r]) => [
    p * scale,
    q * scale,
    r * scale,
    -(p * x + q * y + r * z) * scale,
  ]) as unknown as Affine;
}

/** The affine that applies `second` after `first`. */
export function composed(second: Affine, first: Affine): Affine {
  const at = (affine: Affine, row: number, column: number) => affine[row * 4 + column] as number;
  const cell = (row: number, column: number) =>
    at(second, row, 0) * at(first, 0, column) +
    at(second, row, 1) * at(first, 1, column) +
    at(second, row, 2) * at(first, 2, column) +
    (column === 3 ? at(second, row, 3) : 0);
  return Array.from({ length: 12 }, (_, index) =>
    cell(Math.floor(index / 4), index % 4),
  ) as unknown as Affine;
}

/** Largest distance (mm) between the places two affines give to a voxel of a shape. */
export function largestDistance(a: Affine, b: Affine, shape: Shape3): number {
  const ends = (count: number) => [0, count - 1];
  const distances = ends(shape[0]).flatMap((depth) =>
    ends(shape[1]).flatMap((height) =>
      ends(shape[2]).map((width) => {
        const [x, y, z] = worldOf(a, depth, height, width);
        const [u, v, w] = worldOf(b, depth, height, width);
        return Math.hypot(x - u, y - v, z - w);
      }),
    ),
  );
  // The difference of two affine maps is affine, so it is largest in a corner.
  return Math.max(...distances);
}
