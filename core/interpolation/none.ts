import type { Interpolator } from "./interpolator.ts";

/** Adds nothing: slices nobody annotated stay unannotated. */
export const none: Interpolator = async (examples) => examples;
