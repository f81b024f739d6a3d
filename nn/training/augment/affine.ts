import type { Random } from "#core/random.ts";

/** A 3x3 matrix, row-major, over offsets (depth, height, width) in mm. */
export type Matrix3 = readonly number[];

/** Scales and rotations of one affine change. */
export interface AffineDraw {
  /** Of depth, height, width; 1.1 makes objects look a tenth larger. */
  readonly scales: readonly [number, number, number];
  /** About the depth, height and width axis. */
  readonly degrees: readonly [number, number, number];
}

/**
 * Scales from 0.9 to 1.1 and rotations from -10 to 10 degrees, uniform, each axis by itself. A
 * flat patch is scaled and turned in its plane only.
 *
 * Source: TorchIO `RandomAffine` with its defaults; Pérez-García et al. 2021,
 * doi:10.1016/j.cmpb.2021.106236.
 */
export function drawAffine(isFlat: boolean, random: Random): AffineDraw {
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const scales = [between(0.9, 1.1), between(0.9, 1.1), between(0.9, 1.1)] as const;
  const degrees = [between(-10, 10), between(-10, 10), between(-10, 10)] as const;
  return isFlat
    ? { scales: [1, scales[1], scales[2]], degrees: [degrees[0], 0, 0] }
    : { scales, degrees };
}

/**
 * Where a place of the changed image comes from: its offset from the centre, times this, is the
 * offset in the image as it was.
 */
export function sourceMatrix({ scales, degrees }: AffineDraw): Matrix3 {
  const [aboutDepth, aboutHeight, aboutWidth] = degrees.map((one) => (-one * Math.PI) / 180);
  const turned = [
    rotation(1, 2, aboutDepth ?? 0),
    rotation(0, 2, aboutHeight ?? 0),
    rotation(0, 1, aboutWidth ?? 0),
  ].reduce(product);
  return product(diagonal(scales.map((scale) => 1 / scale)), turned);
}

/** Turns the plane of two axes. */
function rotation(from: number, to: number, angle: number): Matrix3 {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  matrix[from * 3 + from] = cos;
  matrix[from * 3 + to] = -sin;
  matrix[to * 3 + from] = sin;
  matrix[to * 3 + to] = cos;
  return matrix;
}

function diagonal(values: readonly number[]): Matrix3 {
  return [values[0] ?? 1, 0, 0, 0, values[1] ?? 1, 0, 0, 0, values[2] ?? 1];
}

function product(a: Matrix3, b: Matrix3): Matrix3 {
  return Array.from({ length: 9 }, (_, index) => {
    const [row, column] = [Math.floor(index / 3), index % 3];
    let sum = 0;
    for (let k = 0; k < 3; k++) sum += (a[row * 3 + k] ?? 0) * (b[k * 3 + column] ?? 0);
    return sum;
  });
}
