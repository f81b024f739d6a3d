import { PlannerError } from "#core/errors.ts";
import type { ConvOptions } from "./ops.ts";

/** Zeros in front of the first place: as many as keep the size, none for patches. */
export const zerosBefore = (size: number, dilation: number): number =>
  size % 2 === 1 ? ((size - 1) / 2) * dilation : 0;

/**
 * Places that a convolution gives along every axis.
 *
 * @param extents - places of its input
 * @throws PlannerError "argument" when the input is smaller than a patch
 */
export function convPlaces(
  name: string,
  extents: readonly number[],
  { size, stride = 1 }: ConvOptions,
): number[] {
  if (size % 2 === 1) return extents.map((n) => Math.ceil(n / stride));
  if (extents.every((n) => n >= size)) return extents.map((n) => Math.floor(n / stride));
  throw new PlannerError(
    "argument",
    `patches ${name} must fit into their input, got ${extents.join(" x ")} places for patches ` +
      `of ${size}; take larger slices or patches`,
  );
}

/** @throws PlannerError "argument" for a window the vocabulary does not have */
export function requireWindow(name: string, { size, dilation = 1, stride = 1 }: ConvOptions): void {
  const isWhole = [size, dilation, stride].every((n) => Number.isSafeInteger(n) && n >= 1);
  if (isWhole && (size % 2 === 1 || (stride === size && dilation === 1))) return;
  throw new PlannerError(
    "argument",
    `convolution ${name} must have a positive stride and dilation, and an odd kernel or one as ` +
      `large as the stride, got size ${size}, stride ${stride}, dilation ${dilation}`,
  );
}
