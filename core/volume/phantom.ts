import type { Random } from "../random.ts";
import type { Shape3 } from "./grid.ts";
import type { Case } from "./volume.ts";

/**
 * A synthetic case: a bright ellipsoid (the target) and a darker ball (not the target) in
 * noise, at random places. It is easy to segment and needs no files.
 *
 * @param shape - [depth, height, width], voxels
 */
export function phantomCase(id: string, shape: Shape3, random: Random): Case {
  const voxels = new Float32Array(shape[0] * shape[1] * shape[2]);
  const classes = new Uint8Array(voxels.length);
  const target = randomEllipsoid(shape, random, 0.3);
  const other = randomEllipsoid(shape, random, 0.2);
  const [, height, width] = shape;
  for (let index = 0; index < voxels.length; index++) {
    const row = Math.floor(index / width);
    const place = [Math.floor(row / height), row % height, index % width];
    const isTarget = isInside(target, place);
    const level = isTarget ? 2 : isInside(other, place) ? -2 : 0;
    voxels[index] = level + 0.5 * random.normal();
    classes[index] = isTarget ? 1 : 0;
  }
  return {
    id,
    patient: id,
    image: {
      shape,
      spacing: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      voxels,
    },
    mask: { shape, classes },
  };
}

interface Ellipsoid {
  /** [depth, height, width], voxels */
  readonly centre: readonly number[];
  readonly radius: readonly number[];
}

/** @param size - largest radius, as a share of each side */
function randomEllipsoid(shape: Shape3, random: Random, size: number): Ellipsoid {
  return {
    centre: shape.map((side) => side * (0.3 + 0.4 * random.uniform())),
    radius: shape.map((side) => Math.max(1, side * size * (0.6 + 0.4 * random.uniform()))),
  };
}

function isInside({ centre, radius }: Ellipsoid, place: readonly number[]): boolean {
  const squares = place.map((at, axis) => ((at - (centre[axis] ?? 0)) / (radius[axis] ?? 1)) ** 2);
  return squares.reduce((sum, one) => sum + one, 0) < 1;
}
