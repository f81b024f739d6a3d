import type { VoxelArray } from "../volume/volume.ts";

/** Intensities drawn black and white; what lies outside is clipped. */
export interface Window {
  readonly lower: number;
  readonly upper: number;
}

/** The 0th to 100th percentile of a volume's finite voxels; 101 values, ascending. */
export type Percentiles = readonly number[];

/** Voxels looked at; more would not move a percentile that a person can see. */
const SAMPLE = 200_000;

/**
 * Percentiles of a volume, by the nearest rank, of at most 200,000 voxels spread evenly over
 * it; minimum and maximum are those of the sample. Zeros when no voxel is finite.
 */
export function percentilesOf(voxels: VoxelArray): Percentiles {
  const step = Math.max(1, Math.floor(voxels.length / SAMPLE));
  const sample = new Float32Array(Math.ceil(voxels.length / step));
  let count = 0;
  for (let index = 0; index < voxels.length; index += step) {
    const value = voxels[index] as number;
    if (Number.isFinite(value)) sample[count++] = value;
  }
  const sorted = sample.subarray(0, count).sort();
  return Array.from(
    { length: 101 },
    (_, percent) => sorted[Math.round((percent / 100) * (count - 1))] ?? 0,
  );
}

/** A window with a name. */
export interface WindowPreset {
  readonly name: string;
  readonly window: Window;
}

/** Windows of CT in Hounsfield units: the usual level and width. */
const hounsfield = [
  { name: "Soft tissue", level: 40, width: 400 },
  { name: "Lung", level: -600, width: 1500 },
  { name: "Liver", level: 90, width: 150 },
  { name: "Bone", level: 480, width: 2500 },
  { name: "Brain", level: 40, width: 80 },
];

const shares = [
  { name: "1 to 99 %", from: 1, to: 99 },
  { name: "5 to 95 %", from: 5, to: 95 },
  { name: "Full range", from: 0, to: 100 },
  { name: "Dark half", from: 0, to: 50 },
  { name: "Bright half", from: 50, to: 100 },
];

/** Air is -1000 HU; no MR or PET has voxels so far below 0. */
const AIR = -300;

/**
 * Five windows for a volume: those of CT when it holds values as air has in Hounsfield units,
 * shares of its intensities otherwise, since MR intensities have no unit.
 */
export function windowPresets(percentiles: Percentiles): readonly WindowPreset[] {
  if ((percentiles[0] ?? 0) < AIR) {
    return hounsfield.map(({ name, level, width }) => ({
      name,
      window: { lower: level - width / 2, upper: level + width / 2 },
    }));
  }
  return shares.map(({ name, from, to }) => ({ name, window: shareWindow(percentiles, from, to) }));
}

/** The window that clips the darkest and the brightest hundredth. */
export function autoWindow(percentiles: Percentiles): Window {
  return shareWindow(percentiles, 1, 99);
}

function shareWindow(percentiles: Percentiles, from: number, to: number): Window {
  const lower = percentiles[from] ?? 0;
  const upper = percentiles[to] ?? 0;
  if (upper > lower) return { lower, upper };
  // Nearly all voxels are the same: show what differs.
  const [min, max] = [percentiles[0] ?? 0, percentiles[100] ?? 0];
  return max > min ? { lower: min, upper: max } : { lower: min - 0.5, upper: min + 0.5 };
}

/** Grey (0 to 255) of an intensity; black for what is not finite. */
export function greyOf(value: number, { lower, upper }: Window): number {
  const share = (value - lower) / (upper - lower);
  return share >= 1 ? 255 : share > 0 ? Math.round(share * 255) : 0;
}
