import { PlannerError } from "../../errors.ts";
import { voxelCount } from "../../volume/grid.ts";
import type { Volume, VoxelArray } from "../../volume/volume.ts";
import type { DicomFile } from "./dataSet.ts";
import type { FrameDecoder } from "./frameDecoder.ts";
import { type FramePlane, readFramePlanes } from "./framePlanes.ts";
import { readPixelFrames } from "./pixelFrames.ts";
import { placesOf, type Stack, stackOf } from "./stack.ts";

/** A named region of a mask. */
export interface Segment {
  readonly label: number;
  readonly name: string;
  /** Voxels of the region, those it shares with others included. */
  readonly voxels: number;
}

/** A mask with named regions: each voxel holds a label, 0 outside all of them. */
export interface LabelledMask {
  readonly volume: Volume & { readonly voxels: Uint8Array | Uint16Array };
  readonly segments: readonly Segment[];
  readonly notes: readonly string[];
}

const segmentationClasses = new Set([
  "1.2.840.10008.5.1.4.1.1.66.4",
  "1.2.840.10008.5.1.4.1.1.66.7",
]);

/** Whether a file is a DICOM SEG (binary, fractional or a label map). */
export function isSegmentation(file: DicomFile): boolean {
  return segmentationClasses.has(file.text("x00080016"));
}

/** Series that a segmentation was drawn on. */
export function segmentedSeries(file: DicomFile): string[] {
  return file.items("x00081115").map((item) => item.text("x0020000e"));
}

/**
 * The segments of a DICOM SEG on a grid of its own. Frames lie where they say, whatever their
 * order; places without a frame are empty. A fractional value is inside from half of the
 * largest on. Where segments overlap, the one with the highest number is kept and a note says so.
 *
 * @throws PlannerError "format" when frames do not say where they lie or pixels cannot be read
 *
 * Source: DICOM PS3.3, C.8.20 (segmentation).
 */
export async function readSegmentation(
  file: DicomFile,
  decoder: FrameDecoder,
): Promise<LabelledMask> {
  const pixels = readPixelFrames(file, decoder);
  const { rows, columns, frames, type } = pixels.format;
  const planes = readFramePlanes(file, frames);
  const stack = stackOfPlaces(planes, [rows, columns]);
  const names = segmentNames(file);
  const kind = file.text("x00620001");
  const isMap = kind === "LABELMAP" || file.text("x00080016").endsWith(".66.7");
  const threshold = kind === "FRACTIONAL" ? (file.uint16("x0062000e") ?? 255) / 2 : 1;
  const labels = isMap ? null : frameLabels(file, frames);
  const largest = Math.max(...(labels ?? [type === "uint16" ? 65535 : 255]));
  const painter = maskPainter(stack, largest);
  for (const { frame, slice } of stack.frames) {
    const values = await pixels.frame(frame);
    if (labels) painter.paint(slice, labels[frame] as number, values, threshold);
    else painter.copy(slice, values);
  }
  return painter.finished(names, stack.notes);
}

/** Every frame with its slice; frames of several segments share slices. */
function stackOfPlaces(planes: readonly FramePlane[], size: readonly [number, number]) {
  if (planes.some(({ position }) => position === null)) {
    throw new PlannerError(
      "format",
      "DICOM segmentation must say where each frame lies (ImagePositionPatient), got none",
    );
  }
  const places = placesOf(planes);
  const stack = stackOf(
    places.map(([plane]) => plane as FramePlane),
    size,
    true,
  );
  const frames = places.flatMap((place, index) =>
    place.map(({ frame }) => ({ frame, slice: stack.slices[index] as number })),
  );
  // Segments in the order of their frames, so that the highest number comes last.
  return { ...stack, frames: frames.sort((a, b) => a.frame - b.frame) };
}

/** Names of a segmentation's segments by their labels. */
export function segmentNames(file: DicomFile): Map<number, string> {
  const names = new Map<number, string>();
  for (const item of file.items("x00620002")) {
    const label = item.uint16("x00620004");
    if (label) names.set(label, item.text("x00620005") || `segment ${label}`);
  }
  return names;
}

function frameLabels(file: DicomFile, frames: number): number[] {
  const perFrame = file.items("x52009230");
  const shared = file.item("x52009229");
  return Array.from({ length: frames }, (_, index) => {
    const group = perFrame[index]?.item("x0062000a") ?? shared?.item("x0062000a");
    const label = group?.uint16("x0062000b");
    if (label) return label;
    throw new PlannerError(
      "format",
      `DICOM segmentation must name the segment of each frame, got none for frame ${index + 1}`,
    );
  });
}

/** Collects regions slice by slice into one array of labels. */
export function maskPainter({ grid }: Pick<Stack<FramePlane>, "grid">, largest: number) {
  const voxels = new (largest > 255 ? Uint16Array : Uint8Array)(voxelCount(grid.shape));
  const counts = new Map<number, number>();
  const size = grid.shape[1] * grid.shape[2];
  let shared = 0;
  const count = (label: number) => counts.set(label, (counts.get(label) ?? 0) + 1);
  return {
    /** Gives a label to the voxels of a slice whose value reaches the threshold. */
    paint(slice: number, label: number, values: VoxelArray, threshold: number): void {
      for (let index = 0, at = slice * size; index < size; index++, at++) {
        if ((values[index] as number) < threshold) continue;
        const before = voxels[at] as number;
        if (before !== 0 && before !== label) shared++;
        voxels[at] = Math.max(before, label);
        if (before !== label) count(label);
      }
    },
    /** Takes the values of a slice as labels. */
    copy(slice: number, values: VoxelArray): void {
      voxels.set(values, slice * size);
      for (const value of values) if (value !== 0) count(value);
    },
    finished(names: ReadonlyMap<number, string>, notes: readonly string[]): LabelledMask {
      const labels = [...new Set([...names.keys(), ...counts.keys()])].sort((a, b) => a - b);
      const segments = labels.map((label) => ({
        label,
        name: names.get(label) ?? `segment ${label}`,
        voxels: counts.get(label) ?? 0,
      }));
      const overlap = `segments overlap in ${shared} voxels: the one with the highest number is kept`;
      return {
        volume: { ...grid, voxels },
        segments,
        notes: shared > 0 ? [...notes, overlap] : notes,
      };
    },
  };
}
