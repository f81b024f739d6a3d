import { PlannerError } from "../../errors.ts";
import type { Vector3 } from "../placedGrid.ts";
import type { DicomFile, DicomValues } from "./dataSet.ts";

/** Where one frame lies and what its values mean. Positions are LPS, mm. */
export interface FramePlane {
  /** Index of the frame in its file. */
  readonly frame: number;
  /** Centre of the first pixel; null when the file does not say. */
  readonly position: Vector3 | null;
  /** Along a row (to the next column) and along a column (to the next row), unit length. */
  readonly right: Vector3;
  readonly down: Vector3;
  /** mm between rows and between columns. */
  readonly pixelSpacing: readonly [rows: number, columns: number];
  /** mm between slices as the file says; null when it does not. */
  readonly sliceStep: number | null;
  /** value = stored * slope + intercept */
  readonly slope: number;
  readonly intercept: number;
  /** Time: what tells frames at one place apart, in the order in which it counts. */
  readonly order: readonly number[];
}

/**
 * The planes of a file's frames: of the file itself, or of each frame's functional groups.
 *
 * @throws PlannerError "format" when a value breaks its rule
 *
 * Source: DICOM PS3.3, C.7.6.2 and C.7.6.16.
 */
export function readFramePlanes(file: DicomFile, frames: number): FramePlane[] {
  const perFrame = file.items("x52009230");
  if (perFrame.length > 0 && perFrame.length < frames) {
    throw new PlannerError(
      "format",
      `DICOM functional groups must be there for each of ${frames} frames, got ${perFrame.length}`,
    );
  }
  const shared = file.item("x52009229");
  return Array.from({ length: frames }, (_, frame) =>
    planeOf(file, shared, perFrame[frame], frame),
  );
}

/** What a frame says, else what all share, else what the file says. */
function planeOf(
  file: DicomFile,
  shared: DicomValues | null,
  own: DicomValues | undefined,
  frame: number,
): FramePlane {
  const group = (tag: string) => own?.item(tag) ?? shared?.item(tag) ?? file;
  const orientation = numbers(group("x00209116"), "x00200037", "ImageOrientationPatient", 6);
  const position = numbers(group("x00209113"), "x00200032", "ImagePositionPatient", 3);
  const measures = group("x00289110");
  const spacing =
    numbers(measures, "x00280030", "PixelSpacing", 2) ??
    numbers(file, "x00181164", "ImagerPixelSpacing", 2);
  const transform = group("x00289145");
  const [slope = 1] = transform.numbers("x00281053");
  const [intercept = 0] = transform.numbers("x00281052");
  const [right, down] = directionsOf(orientation ?? [1, 0, 0, 0, 1, 0]);
  return {
    frame,
    position: orientation && position ? (position as unknown as Vector3) : null,
    right,
    down,
    pixelSpacing: pixelSpacing(spacing),
    sliceStep: sliceStep(measures) ?? sliceStep(file),
    slope,
    intercept,
    order: orderOf(file, own, frame),
  };
}

function numbers(from: DicomValues, tag: string, name: string, count: number): number[] | null {
  const values = from.numbers(tag);
  if (values.length === 0) return null;
  if (values.length === count) return values;
  throw new PlannerError("format", `DICOM ${name} must be ${count} numbers, got ${values.length}`);
}

function directionsOf(six: readonly number[]): [Vector3, Vector3] {
  const unit = (start: 0 | 3): Vector3 => {
    const vector = six.slice(start, start + 3);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length) as unknown as Vector3;
  };
  const [right, down] = [unit(0), unit(3)];
  const cosine = right[0] * down[0] + right[1] * down[1] + right[2] * down[2];
  if (Math.abs(cosine) < 1e-2) return [right, down];
  throw new PlannerError(
    "format",
    `DICOM ImageOrientationPatient must be two directions at right angles, got ${six.join(", ")}`,
  );
}

function pixelSpacing(values: readonly number[] | null): readonly [number, number] {
  if (!values) return [1, 1];
  const [rows = 0, columns = 0] = values;
  if (rows > 0 && columns > 0) return [rows, columns];
  throw new PlannerError(
    "format",
    `DICOM PixelSpacing must be two positive numbers in mm, got ${values.join(", ")}`,
  );
}

/** SpacingBetweenSlices, else SliceThickness. */
function sliceStep(from: DicomValues): number | null {
  const [between] = from.numbers("x00180088");
  if (between) return Math.abs(between);
  const [thickness] = from.numbers("x00180050");
  return thickness ? Math.abs(thickness) : null;
}

function orderOf(file: DicomFile, own: DicomValues | undefined, frame: number): number[] {
  const content = own?.item("x00209111");
  const first = (tag: string) => file.numbers(tag)[0] ?? 0;
  return [
    content?.uint32("x00209128") ?? first("x00200100"), // temporal position
    first("x00200012"), // acquisition
    first("x00200013"), // instance
    frame,
  ];
}
