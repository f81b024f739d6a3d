import type { Volume } from "./volume.ts";

/** Shares of the voxels that lie below black and above white. */
const TAIL = 0.005;

/** Voxels looked at to find them. */
const SAMPLE = 50_000;

/** Ranges found before, by voxel array: a volume is cut many times. */
const ranges = new WeakMap<Float32Array, readonly [low: number, high: number]>();

/**
 * Maps intensities of a volume to 0 to 255: the darkest and the brightest half percent are
 * clipped. A volume of one value becomes 0.
 *
 * @returns a function of some of its voxels, to new values
 */
export function greyScale({
  voxels,
}: Volume & { readonly voxels: Float32Array }): (some: Float32Array) => Float32Array {
  const [low, high] = ranges.get(voxels) ?? rangeOf(voxels);
  ranges.set(voxels, [low, high]);
  const factor = high > low ? 255 / (high - low) : 0;
  return (some) => some.map((value) => Math.min(255, Math.max(0, (value - low) * factor)));
}

function rangeOf(voxels: Float32Array): readonly [number, number] {
  const step = Math.max(1, Math.floor(voxels.length / SAMPLE));
  const sample = Float32Array.from(
    { length: Math.ceil(voxels.length / step) },
    (_, index) => voxels[index * step] as number,
  ).sort();
  const at = (share: number) => sample[Math.round(share * (sample.length - 1))] ?? 0;
  return [at(TAIL), at(1 - TAIL)];
}
