import type { Random } from "../random.ts";
import type { Volume } from "../volume/volume.ts";

/**
 * Picks the slices of one volume to annotate. It sees the image and never a mask: what it
 * picks is what a person would be asked to annotate.
 *
 * @param count - slices to pick, 1..depth
 * @returns `count` different depth indices, ascending
 */
export type Strategy = (image: Volume, count: number, random: Random) => number[];
