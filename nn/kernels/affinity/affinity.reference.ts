/** Sizes of a reconstruction of one slice from another. */
export interface AffinityShape {
  readonly height: number;
  readonly width: number;
  /** Features of a pixel. */
  readonly channels: number;
  /** Values carried per pixel: 1 for intensities, one per class for masks. */
  readonly values: number;
  /** R: a pixel looks at (2R + 1)^2 candidates around its own place. */
  readonly radius: number;
  /**
   * Candidates outside the image: "zero" lets them take part with logit 0 and value 0, as
   * zero padding does; "exclude" leaves them out.
   */
  readonly border: "zero" | "exclude";
}

/**
 * A slice put together from another one.
 *
 *     a_o(p) = <target(p), source(p + o)>,  A = softmax over the offsets o
 *     y(p)   = sum_o A_o(p) values(p + o)
 *
 * @param target - features of the slice wanted, [height, width, channels]
 * @param source - features of the slice given, likewise
 * @param values - of the slice given, [height, width, values]
 * @returns [height, width, values]
 *
 * Source: Yeung et al. 2021 (Sli2Vol), doi:10.1007/978-3-030-87196-3_7.
 */
export function affinityReference(
  shape: AffinityShape,
  target: ArrayLike<number>,
  source: ArrayLike<number>,
  values: ArrayLike<number>,
): Float64Array {
  const result = new Float64Array(shape.height * shape.width * shape.values);
  forEachPlace(shape, target, source, (place, candidates) => {
    for (const { at, weight } of candidates)
      for (let v = 0; v < shape.values; v++)
        result[place * shape.values + v] =
          (result[place * shape.values + v] ?? 0) + weight * (values[at * shape.values + v] ?? 0);
  });
  return result;
}

/**
 * The gradient by everything that `affinityReference` takes.
 *
 * @param dy - by its result
 */
export function affinityGradientReference(
  shape: AffinityShape,
  target: ArrayLike<number>,
  source: ArrayLike<number>,
  values: ArrayLike<number>,
  dy: ArrayLike<number>,
): { target: Float64Array; source: Float64Array; values: Float64Array } {
  const { channels } = shape;
  const gradients = {
    target: new Float64Array(target.length),
    source: new Float64Array(source.length),
    values: new Float64Array(values.length),
  };
  const add = (to: Float64Array, index: number, value: number) => {
    to[index] = (to[index] ?? 0) + value;
  };
  forEachPlace(shape, target, source, (place, candidates) => {
    const slopes = candidates.map(({ at, weight }) => {
      let slope = 0;
      for (let v = 0; v < shape.values; v++) {
        const given = dy[place * shape.values + v] ?? 0;
        slope += given * (values[at * shape.values + v] ?? 0);
        add(gradients.values, at * shape.values + v, weight * given);
      }
      return slope;
    });
    const mean = candidates.reduce((sum, { weight }, i) => sum + weight * (slopes[i] ?? 0), 0);
    candidates.forEach(({ at, weight }, i) => {
      const slope = weight * ((slopes[i] ?? 0) - mean);
      for (let c = 0; c < channels; c++) {
        add(gradients.target, place * channels + c, slope * (source[at * channels + c] ?? 0));
        add(gradients.source, at * channels + c, slope * (target[place * channels + c] ?? 0));
      }
    });
  });
  return gradients;
}

interface Candidate {
  /** Place in the image. */
  readonly at: number;
  readonly weight: number;
}

function forEachPlace(
  shape: AffinityShape,
  target: ArrayLike<number>,
  source: ArrayLike<number>,
  visit: (place: number, candidates: readonly Candidate[]) => void,
): void {
  const { height, width, channels, radius, border } = shape;
  for (let place = 0; place < height * width; place++) {
    const logits = placesAround(shape, place).map((at) => {
      let logit = 0;
      for (let c = 0; c < channels; c++)
        logit += (target[place * channels + c] ?? 0) * (source[at * channels + c] ?? 0);
      return { at, logit };
    });
    const zeros = border === "zero" ? (2 * radius + 1) ** 2 - logits.length : 0;
    const top = Math.max(...logits.map(({ logit }) => logit), ...(zeros > 0 ? [0] : []));
    const sum = logits.reduce(
      (all, { logit }) => all + Math.exp(logit - top),
      zeros * Math.exp(-top),
    );
    visit(
      place,
      logits.map(({ at, logit }) => ({ at, weight: Math.exp(logit - top) / sum })),
    );
  }
}

/** Candidates of a place that lie in the image, row by row. */
function placesAround({ height, width, radius }: AffinityShape, place: number): number[] {
  const [row, column] = [Math.floor(place / width), place % width];
  const places: number[] = [];
  for (let y = Math.max(0, row - radius); y < Math.min(height, row + radius + 1); y++)
    for (let x = Math.max(0, column - radius); x < Math.min(width, column + radius + 1); x++)
      places.push(y * width + x);
  return places;
}
