import { PlannerError } from "#core/errors.ts";
import type { ConvOptions } from "./ops.ts";

/** Zeros in front of the first place: as many as keep the size, none for patches. */
export const zerosBefore = (size: number, dilation: number): number =>
  size % 2 === 1 ? ((size - 1) / 2) * dilation : 0;

/** Places that a convolution gives along an axis of `extent` places. */
export function convExtent(extent: number, { size, stride = 1 }: ConvOptions): number {
  return size % 2 === 1 ? Math.ceil(extent / stride) : Math.floor(extent / stride);
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
