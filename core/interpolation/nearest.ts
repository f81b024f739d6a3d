import { sliceOf } from "../volume/volume.ts";
import { fillGaps } from "./fillGaps.ts";
import type { Interpolator } from "./interpolator.ts";

/** Copies the mask of the nearest annotated slice; the lower index when two are as near. */
export const nearest: Interpolator = async (examples) =>
  examples.map((example) =>
    fillGaps(example, (index, { left, right }) => {
      const source = Math.abs(index - left) <= Math.abs(right - index) ? left : right;
      return sliceOf(example.known.classes, example.known.shape, source);
    }),
  );
