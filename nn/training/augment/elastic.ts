import type { Random } from "#core/random.ts";
import type { Shape3 } from "#core/volume/grid.ts";

/** Control points along each axis; one lies beyond each end of the patch. */
const POINTS = 7;
/** Outermost layers of control points that stay where they are. */
const LOCKED = 2;
/** mm */
const LARGEST = 7.5;

/**
 * Displacements of control points: for depth, height and width (mm) one number for each of
 * 7 x 7 x 7 points, in a flat patch for height and width of 7 x 7 points.
 */
export type ControlPoints = readonly Float64Array[];

/**
 * Uniform displacements from -7.5 to 7.5 mm along each axis, 0 in the two outermost layers.
 *
 * Source: TorchIO `RandomElasticDeformation` with its defaults.
 */
export function drawControlPoints(isFlat: boolean, random: Random): ControlPoints {
  const layers = isFlat ? 1 : POINTS;
  const isFree = (index: number) => index >= LOCKED && index < POINTS - LOCKED;
  return [0, 1, 2].map((axis) => {
    const points = new Float64Array(layers * POINTS * POINTS);
    if (isFlat && axis === 0) return points;
    for (let at = 0; at < points.length; at++) {
      const value = LARGEST * (2 * random.uniform() - 1);
      const z = Math.floor(at / (POINTS * POINTS));
      const [y, x] = [Math.floor(at / POINTS) % POINTS, at % POINTS];
      if ((isFlat || isFree(z)) && isFree(y) && isFree(x)) points[at] = value;
    }
    return points;
  });
}

/**
 * The displacement of every place of a patch along one axis: the cubic B-spline of the control
 * points, whose grid spans the patch.
 *
 * @param points - of one axis, [7, 7, 7], or [1, 7, 7] in a flat patch
 * @returns mm, [depth, height, width]
 *
 * Source: Rueckert et al. 1999, doi:10.1109/42.796284.
 */
export function splineField([depth, height, width]: Shape3, points: Float64Array): Float32Array {
  const layers = points.length / (POINTS * POINTS);
  const field = new Float32Array(depth * height * width);
  const columns = splineWeights(width);
  const rows = splineWeights(height);
  const slices = layers === 1 ? null : splineWeights(depth);
  const plane = new Float64Array(POINTS * POINTS);
  const line = new Float64Array(POINTS);
  for (let z = 0; z < depth; z++) {
    if (slices) contract(points, POINTS * POINTS, slices, z, plane);
    else plane.set(points);
    for (let y = 0; y < height; y++) {
      contract(plane, POINTS, rows, y, line);
      for (let x = 0; x < width; x++) {
        let sum = 0;
        const first = columns.first[x] ?? 0;
        for (let k = 0; k < 4; k++) {
          sum += (columns.weights[4 * x + k] ?? 0) * (line[first + k] ?? 0);
        }
        field[(z * height + y) * width + x] = sum;
      }
    }
  }
  return field;
}

interface SplineWeights {
  /** First of the four control points that move each place. */
  readonly first: Uint8Array;
  /** [places, 4] */
  readonly weights: Float64Array;
}

/** Weights of the uniform cubic B-spline at the places of an axis. */
function splineWeights(size: number): SplineWeights {
  const spans = POINTS - 3;
  const first = new Uint8Array(size);
  const weights = new Float64Array(4 * size);
  for (let index = 0; index < size; index++) {
    const at = size === 1 ? spans / 2 : (spans * index) / (size - 1);
    const span = Math.min(spans - 1, Math.floor(at));
    const t = at - span;
    first[index] = span;
    weights.set(
      [(1 - t) ** 3, 3 * t ** 3 - 6 * t ** 2 + 4, -3 * t ** 3 + 3 * t ** 2 + 3 * t + 1, t ** 3].map(
        (one) => one / 6,
      ),
      4 * index,
    );
  }
  return { first, weights };
}

/** Adds up the four layers of `from` that belong to a place. */
function contract(
  from: Float64Array,
  size: number,
  { first, weights }: SplineWeights,
  place: number,
  into: Float64Array,
): void {
  into.fill(0);
  const start = first[place] ?? 0;
  for (let k = 0; k < 4; k++) {
    const weight = weights[4 * place + k] ?? 0;
    for (let i = 0; i < size; i++) {
      into[i] = (into[i] ?? 0) + weight * (from[(start + k) * size + i] ?? 0);
    }
  }
}
