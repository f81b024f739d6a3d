import type { Context } from "../context.ts";
import type { Example } from "../selection/annotate.ts";
import { sliceOf, UNANNOTATED } from "../volume/volume.ts";
import { type CascadeOptions, combined, winners } from "./combineSides.ts";

/**
 * Carries values from one slice to another, by what their images show.
 *
 * @param values - of slice `source`, [height, width, classes]
 * @returns of slice `target`, likewise
 */
export type Warp = (source: number, target: number, values: Float32Array) => Promise<Float32Array>;

/**
 * An example whose gaps were filled from both sides, slice by slice. With P the one-hot
 * masks of the annotated slices l < r around a gap:
 *
 *     up(z)   = warp(z - 1 -> z, up(z - 1)),    up(l) = P(l)
 *     down(z) = warp(z + 1 -> z, down(z + 1)),  down(r) = P(r)
 *     P(z)    = w up(z) + (1 - w) down(z),      w = (r - z) / (r - l)
 *
 * and the class with the largest P wins, the smallest on ties. Beyond the outermost annotated
 * slices there is one side only; once no foreground is left there, all that follows is
 * background. `confidence` is P of the class that won.
 *
 * Source: algorithm 1 of Zhang et al. 2025 (MIDL, PMLR 301:1811-1831) as far as its text
 * tells; what it leaves open is an option.
 */
export async function fillByCascade(
  example: Example,
  warp: Warp,
  options: CascadeOptions,
  context: Pick<Context, "signal" | "gate">,
): Promise<Example> {
  const { known, annotated } = example;
  const [depth, height, width] = known.shape;
  const size = height * width;
  const classes = classesOf(example);
  const filled = known.classes.slice();
  const confidence = new Float32Array(filled.length).fill(1);
  const startAt = (z: number) => oneHot(sliceOf(known.classes, known.shape, z), classes);
  const carry = (from: number, to: number, isOuter: boolean) =>
    carried({ from, to, isOuter, start: startAt(from), classes }, warp, options, context);

  for (const { left, right, isOuter } of gapsOf(annotated, depth)) {
    if (isOuter && options.outer !== "propagate") {
      const value = options.outer === "background" ? 0 : UNANNOTATED;
      filled.fill(value, (left + 1) * size, right * size);
      continue;
    }
    const up = left < 0 ? null : await carry(left, right, isOuter);
    const down = right >= depth ? null : await carry(right, left, isOuter);
    for (let z = left + 1; z < right; z++) {
      const weight = (right - z) / (right - left);
      const slice = combined(up?.get(z), down?.get(z), weight, classes, options);
      filled.set(slice.classes, z * size);
      confidence.set(slice.confidence, z * size);
    }
  }
  return { ...example, known: { shape: known.shape, classes: filled }, confidence };
}

interface Side {
  /** The annotated slice. */
  readonly from: number;
  /** First slice of the other side. */
  readonly to: number;
  /** Whether nobody annotated the other side. */
  readonly isOuter: boolean;
  /** Values of the annotated slice. */
  readonly start: Float32Array;
  readonly classes: number;
}

/** What one side says of every slice of a gap. */
async function carried(
  { from, to, isOuter, start, classes }: Side,
  warp: Warp,
  { path, carry }: CascadeOptions,
  { signal, gate }: Pick<Context, "signal" | "gate">,
): Promise<ReadonlyMap<number, Float32Array>> {
  const step = Math.sign(to - from);
  const slices = new Map<number, Float32Array>();
  let values = start;
  let isOver = false;
  for (let z = from + step; z !== to; z += step) {
    await gate();
    signal.throwIfAborted();
    if (isOver) {
      slices.set(z, oneHot(new Uint8Array(start.length / classes), classes));
      continue;
    }
    const stepped = path === "direct" ? null : await warp(z - step, z, values);
    const jumped = path === "unit" ? null : await warp(from, z, start);
    const result = stepped && jumped ? mean(stepped, jumped) : (stepped ?? jumped ?? start);
    slices.set(z, result);
    isOver = isOuter && isEmpty(result, classes);
    values = carry === "hard" ? oneHot(winners(result, classes), classes) : result;
  }
  return slices;
}

interface Gap {
  /** Annotated slices on both sides; -1 and the depth stand for none. */
  readonly left: number;
  readonly right: number;
  readonly isOuter: boolean;
}

/** Every run of slices that nobody annotated; none where nothing was annotated at all. */
function gapsOf(annotated: readonly number[], depth: number): Gap[] {
  if (annotated.length === 0) return [];
  const ends = [-1, ...annotated, depth];
  return ends
    .slice(1)
    .map((right, index) => ({ left: ends[index] as number, right }))
    .filter(({ left, right }) => right - left > 1)
    .map((gap) => ({ ...gap, isOuter: gap.left < 0 || gap.right >= depth }));
}

/** Channels needed: the largest class that occurs, and one more. */
function classesOf({ known, annotated }: Example): number {
  let most = 0;
  for (const index of annotated)
    for (const value of sliceOf(known.classes, known.shape, index))
      if (value !== UNANNOTATED && value > most) most = value;
  return most + 1;
}

function oneHot(slice: Uint8Array, classes: number): Float32Array {
  const values = new Float32Array(slice.length * classes);
  for (const [place, value] of slice.entries())
    if (value < classes) values[place * classes + value] = 1;
  return values;
}

function isEmpty(values: Float32Array, classes: number): boolean {
  return !winners(values, classes).some((value) => value > 0);
}

function mean(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, index) => 0.5 * (value + (b[index] as number)));
}
