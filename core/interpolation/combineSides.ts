import { UNANNOTATED } from "../volume/volume.ts";

/** What algorithm 1 leaves open, and what becomes of doubtful pixels. */
export interface CascadeOptions {
  /**
   * How the two sides of a gap meet: "distance" weighs their probabilities by nearness,
   * "equal" gives both one half, "nearest" takes the nearer side (the left one on ties),
   * "confidence" the surer side at each pixel; "union" has foreground where either side has,
   * "intersection" where both have the same.
   */
  readonly combine: "distance" | "equal" | "nearest" | "confidence" | "union" | "intersection";
  /** What is carried on: probabilities, or the class that won at each step. */
  readonly carry: "soft" | "hard";
  /** Slice by slice, in one jump from the annotated slice, or the mean of both. */
  readonly path: "unit" | "direct" | "both";
  /** Slices beyond the outermost annotated ones: carried on until empty, background, or left. */
  readonly outer: "propagate" | "background" | "unannotated";
  /** Pixels whose winning probability is below this stay unannotated; 0 forces every pixel. */
  readonly minConfidence: number;
  /** Pixels where the sides differ by more, sum of |up - down| over classes, stay unannotated. */
  readonly maxDisagreement: number;
}

export const cascadeDefaults: CascadeOptions = {
  combine: "distance",
  carry: "soft",
  path: "unit",
  outer: "propagate",
  minConfidence: 0,
  maxDisagreement: 2,
};

/** One slice as both sides together say. */
export interface CombinedSlice {
  readonly classes: Uint8Array;
  /** Probability of the class that won, before doubtful pixels were left unannotated. */
  readonly confidence: Float32Array;
}

/**
 * @param up - probabilities carried from the left, [pixels, classes]; none beyond the ends
 * @param down - from the right, likewise
 * @param weight - nearness of the left slice, 1 at it and 0 at the right one
 */
export function combined(
  up: Float32Array | undefined,
  down: Float32Array | undefined,
  weight: number,
  classes: number,
  options: CascadeOptions,
): CombinedSlice {
  const only = up && down ? null : (up ?? down ?? new Float32Array());
  const joined = only ?? join(up as Float32Array, down as Float32Array, weight, classes, options);
  const result = winners(joined, classes);
  const confidence = Float32Array.from(
    result,
    (winner, place) => joined[place * classes + winner] as number,
  );
  for (let place = 0; place < result.length; place++) {
    const isDoubtful =
      (confidence[place] as number) < options.minConfidence ||
      (up && down && differenceAt(up, down, place, classes) > options.maxDisagreement);
    if (isDoubtful) result[place] = UNANNOTATED;
  }
  return { classes: result, confidence };
}

/** The class of the largest value of each pixel, the smallest on ties. */
export function winners(values: Float32Array, classes: number): Uint8Array {
  const slice = new Uint8Array(values.length / classes);
  for (let place = 0; place < slice.length; place++)
    slice[place] = winnerAt(values, place, classes);
  return slice;
}

function winnerAt(values: Float32Array, place: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++)
    if ((values[place * classes + c] as number) > (values[place * classes + best] as number))
      best = c;
  return best;
}

function join(
  up: Float32Array,
  down: Float32Array,
  weight: number,
  classes: number,
  { combine }: CascadeOptions,
): Float32Array {
  switch (combine) {
    case "nearest":
      return weight >= 0.5 ? up : down;
    case "distance":
    case "equal": {
      const w = combine === "equal" ? 0.5 : weight;
      return up.map((value, index) => w * value + (1 - w) * (down[index] as number));
    }
    default: {
      const joined = new Float32Array(up.length);
      for (let place = 0; place < up.length / classes; place++) {
        const [a, b] = [winnerAt(up, place, classes), winnerAt(down, place, classes)];
        const at = place * classes;
        const upIsSurer = (up[at + a] as number) >= (down[at + b] as number);
        const side = chosenSide(combine, a, b, upIsSurer) === "up" ? up : down;
        joined.set(side.subarray(at, at + classes), at);
        if (combine === "intersection" && a !== b) toBackground(joined, at, classes);
      }
      return joined;
    }
  }
}

function chosenSide(
  combine: "confidence" | "union" | "intersection",
  up: number,
  down: number,
  upIsSurer: boolean,
): "up" | "down" {
  if (combine === "union" && up === 0 && down > 0) return "down";
  if (combine === "union" && down === 0 && up > 0) return "up";
  return upIsSurer ? "up" : "down";
}

/** The sides disagree: background wins, as sure as the surer foreground was not. */
function toBackground(values: Float32Array, at: number, classes: number): void {
  let most = 0;
  for (let c = 0; c < classes; c++) most = Math.max(most, values[at + c] as number);
  values.fill(0, at, at + classes);
  values[at] = 1 - most;
}

function differenceAt(
  up: Float32Array,
  down: Float32Array,
  place: number,
  classes: number,
): number {
  let sum = 0;
  for (let index = place * classes; index < (place + 1) * classes; index++)
    sum += Math.abs((up[index] as number) - (down[index] as number));
  return sum;
}
