import { PlannerError } from "../errors.ts";
import type { VoxelArray } from "../volume/volume.ts";

/** Labels of a mask and how often each occurs. */
export interface ReadLabels {
  /** The smallest unsigned type that holds them. */
  readonly voxels: Uint8Array | Uint16Array;
  /** Ascending label, background 0 left out. */
  readonly labels: readonly { readonly label: number; readonly voxels: number }[];
}

const MAX_LABEL = 65535;

/**
 * Voxels of a mask as labels.
 *
 * @throws PlannerError "format" when a value is not an integer from 0 to 65535
 */
export function readLabels(values: VoxelArray): ReadLabels {
  const counts = new Uint32Array(MAX_LABEL + 1);
  let max = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (!Number.isInteger(value) || value < 0 || value > MAX_LABEL) throw notLabel(value);
    counts[value] = (counts[value] as number) + 1;
    if (value > max) max = value;
  }
  const labels: { label: number; voxels: number }[] = [];
  for (let label = 1; label <= max; label++) {
    const voxels = counts[label] as number;
    if (voxels > 0) labels.push({ label, voxels });
  }
  return { voxels: max <= 0xff ? Uint8Array.from(values) : Uint16Array.from(values), labels };
}

function notLabel(value: number): PlannerError {
  return new PlannerError(
    "format",
    `mask must hold labels, integers from 0 to ${MAX_LABEL}, got ${Number(value.toPrecision(6))}; ` +
      "is it an image?",
  );
}
