import type { VolumeFile } from "../../formats/readVolume.ts";
import type { VoxelArray } from "../../volume/volume.ts";
import type { DicomMask } from "./dicomPatient.ts";
import { namesSomebody } from "./pseudonyms.ts";

/** What segments are called in a cohort, whatever number each file gives them. */
export interface CommonLabels {
  readonly names: Readonly<Record<number, string>>;
  /** Label in the cohort by label in the mask's file. */
  labelsOf(mask: DicomMask): ReadonlyMap<number, number>;
}

/**
 * One label per name of a segment over all masks: files number their segments as they like.
 * Where every mask has one segment alone, all of them are label 1, whatever they are called.
 * A name that holds an identifier is replaced by a number.
 */
export function commonLabels(
  masks: readonly DicomMask[],
  identifiers: ReadonlySet<string>,
): CommonLabels {
  const single = masks.every(({ segments }) => segments.length <= 1);
  const safe = (name: string, label: number) =>
    namesSomebody(name, identifiers) ? `segment ${label}` : name;
  if (single) {
    const names = masks.flatMap(({ segments }) => segments.map(({ name }) => safe(name, 1)));
    return {
      names: names.length > 0 ? { 1: sharedStart(names) || "segment" } : {},
      labelsOf: ({ segments }) => new Map(segments.map(({ label }) => [label, 1])),
    };
  }
  const keyOf = (name: string) => name.trim().toLowerCase();
  const all = masks.flatMap(({ segments }) => segments);
  const keys = [...new Set(all.map(({ name }) => keyOf(name)))].sort();
  const known = new Map(keys.map((key, index) => [key, index + 1]));
  const names = Object.fromEntries(
    all.map(({ name }) => {
      const label = known.get(keyOf(name)) as number;
      return [label, safe(name, label)];
    }),
  );
  return {
    names,
    labelsOf: ({ segments }) =>
      new Map(segments.map(({ label, name }) => [label, known.get(keyOf(name)) as number])),
  };
}

/** What all names begin with, without the separator at its end. */
function sharedStart([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) {
    while (length > 0 && !other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length).replace(/[\s._-]+$/, "");
}

/** A mask whose labels are those of the cohort. */
export function withCommonLabels(
  { file }: { readonly file: VolumeFile },
  labels: ReadonlyMap<number, number>,
): VolumeFile {
  if ([...labels].every(([own, common]) => own === common)) return file;
  const largest = Math.max(0, ...labels.values());
  const source: VoxelArray = file.volume.voxels;
  const voxels = new (largest > 255 ? Uint16Array : Uint8Array)(source.length);
  for (let index = 0; index < voxels.length; index++) {
    const label = source[index] as number;
    if (label !== 0) voxels[index] = labels.get(label) ?? label;
  }
  return { ...file, volume: { ...file.volume, voxels } };
}
