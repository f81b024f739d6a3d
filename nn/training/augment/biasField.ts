import type { Random } from "#core/random.ts";
import type { Shape3 } from "#core/volume/grid.ts";

const ORDER = 3;
const LARGEST = 0.5;

/** Powers of depth, height and width of one term of the polynomial. */
type Powers = readonly [number, number, number];

/** The terms of a polynomial of third order: 20, or the 10 without depth when it is flat. */
export function biasTerms(isFlat: boolean): readonly Powers[] {
  const terms: Powers[] = [];
  for (let z = 0; z <= (isFlat ? 0 : ORDER); z++) {
    for (let y = 0; y <= ORDER - z; y++) {
      for (let x = 0; x <= ORDER - z - y; x++) terms.push([z, y, x]);
    }
  }
  return terms;
}

/**
 * A smooth change of brightness, as magnetic resonance images have it.
 *
 *     field = exp(sum c z^i y^j x^k), i + j + k <= 3
 *
 * with coordinates from -1 to 1 over the patch.
 *
 * @param coefficients - c of each of `biasTerms`
 * @returns a factor per place
 *
 * Source: Van Leemput et al. 1999, doi:10.1109/42.811270; TorchIO `RandomBiasField`.
 */
export function biasField(
  [depth, height, width]: Shape3,
  coefficients: readonly number[],
): Float32Array {
  const terms = biasTerms(depth === 1);
  const field = new Float32Array(depth * height * width);
  const along = (size: number, index: number) => (size === 1 ? 0 : (2 * index) / (size - 1) - 1);
  for (let place = 0; place < field.length; place++) {
    const z = along(depth, Math.floor(place / (height * width)));
    const y = along(height, Math.floor(place / width) % height);
    const x = along(width, place % width);
    let sum = 0;
    for (const [index, [i, j, k]] of terms.entries()) {
      sum += (coefficients[index] ?? 0) * z ** i * y ** j * x ** k;
    }
    field[place] = Math.exp(sum);
  }
  return field;
}

/** Coefficients uniform from -0.5 to 0.5. */
export function drawBias(isFlat: boolean, random: Random): readonly number[] {
  return biasTerms(isFlat).map(() => LARGEST * (2 * random.uniform() - 1));
}
