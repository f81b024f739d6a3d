import { PlannerError } from "../../errors.ts";
import type { Grid } from "../../volume/grid.ts";
import { LPS, placedGrid, type Vector3 } from "../placedGrid.ts";
import type { FramePlane } from "./framePlanes.ts";

/** Frames in the order of a volume's slices, and the grid they fill. */
export interface Stack<P extends FramePlane> {
  readonly planes: readonly P[];
  /** Slice of each plane; slices that no plane fills stay empty where gaps are allowed. */
  readonly slices: readonly number[];
  readonly grid: Grid;
  readonly notes: readonly string[];
}

/** Positions within this distance (mm) along the normal are one place. */
const SAME_PLACE = 1e-2;

/**
 * Puts frames of one orientation in order along their normal. Several frames at each place
 * are several volumes, e.g. time points: each place must then have the same number.
 *
 * @throws PlannerError "format" when some places have more frames than others
 */
export function splitByPlace<P extends FramePlane>(planes: readonly P[]): P[][] {
  const places = placesOf(planes);
  const counts = places.map((place) => place.length);
  const most = Math.max(...counts);
  if (counts.some((count) => count !== most)) {
    throw new PlannerError(
      "format",
      `DICOM slices must come the same number of times at each of ${places.length} places, ` +
        `got ${Math.min(...counts)} to ${most}; keep the files of one volume`,
    );
  }
  for (const place of places) place.sort((a, b) => compared(a.order, b.order));
  return Array.from({ length: most }, (_, time) => places.map((place) => place[time] as P));
}

/** Frames by their place along the normal, sorted by it. */
export function placesOf<P extends FramePlane>(planes: readonly P[]): P[][] {
  const places: P[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  const sorted = planes
    .map((plane) => ({ plane, at: plane.position ? along(plane, plane.position) : 0 }))
    .sort((a, b) => a.at - b.at);
  for (const { plane, at } of sorted) {
    if (at - last < SAME_PLACE) {
      places.at(-1)?.push(plane);
      continue;
    }
    places.push([plane]);
    last = at;
  }
  return places;
}

function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

/**
 * The grid of frames that are sorted along their normal.
 *
 * Slices must be evenly spaced, within 2 %; a shift along the plane that grows evenly
 * (gantry tilt) becomes a shear of the affine, so that every voxel keeps its place.
 *
 * @param allowGaps - whether slices may be missing between frames, as in segmentations
 * @throws PlannerError "format" when a slice is missing or spacing is uneven
 */
export function stackOf<P extends FramePlane>(
  planes: readonly P[],
  [rows, columns]: readonly [rows: number, columns: number],
  allowGaps = false,
): Stack<P> {
  const [first] = planes as [P];
  const notes: string[] = [];
  if (!first.position) {
    notes.push(
      "the file does not say how it lies in space: frames are taken in their order, " +
        "axes as left, posterior, superior",
    );
  }
  const places = planes.map(({ position }, index) =>
    first.position && position ? along(first, position) - along(first, first.position) : index,
  );
  const slices = first.position ? slicesOf(places, first, allowGaps) : places;
  const step = first.position ? stepOf(planes, slices, notes) : unplacedStep(first, notes);
  const depth = (slices.at(-1) as number) + 1;
  const [rowStep, columnStep] = first.pixelSpacing;
  const scaled = (vector: Vector3, mm: number): Vector3 => [
    vector[0] * mm,
    vector[1] * mm,
    vector[2] * mm,
  ];
  const grid = placedGrid(
    "DICOM",
    [depth, rows, columns],
    [scaled(first.right, columnStep), scaled(first.down, rowStep), step],
    first.position ?? [0, 0, 0],
    LPS,
  );
  return { planes, slices, grid, notes };
}

function unplacedStep({ sliceStep }: FramePlane, notes: string[]): Vector3 {
  if (sliceStep === null)
    notes.push("the file does not say how far slices lie apart: 1 mm is taken");
  return [0, 0, sliceStep ?? 1];
}

/** Unit normal of a plane: right x down. */
function normalOf({ right: a, down: b }: FramePlane): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function along(plane: FramePlane, position: Vector3): number {
  const normal = normalOf(plane);
  return normal[0] * position[0] + normal[1] * position[1] + normal[2] * position[2];
}

/** Index of the slice that each place (mm from the first) falls on. */
function slicesOf(places: readonly number[], first: FramePlane, allowGaps: boolean): number[] {
  const gaps = places.slice(1).map((place, index) => place - (places[index] as number));
  if (gaps.length === 0) return [0];
  const sorted = gaps.toSorted((a, b) => a - b);
  const smallest = sorted[0] as number;
  const usual = sorted[sorted.length >> 1] as number;
  if (!allowGaps) {
    const odd = gaps.findIndex((gap) => Math.abs(gap - usual) > Math.max(0.02 * usual, 0.011));
    if (odd < 0) return places.map((_, index) => index);
    throw uneven(gaps[odd] as number, usual, places[odd] as number);
  }
  // Frames may all stand apart: then the file's own step counts.
  const isStep = first.sliceStep !== null && isMultiple(smallest, first.sliceStep);
  const step = isStep ? (first.sliceStep as number) : smallest;
  const slices = places.map((place) => Math.round(place / step));
  const off = places.findIndex((place) => !isMultiple(place, step));
  if (off >= 0) throw uneven(gaps[Math.max(0, off - 1)] as number, step, places[off] as number);
  if ((slices.at(-1) as number) > 20 * places.length + 1000) {
    throw uneven(sorted.at(-1) as number, step, places.at(-1) as number);
  }
  return slices;
}

function isMultiple(place: number, step: number): boolean {
  return Math.abs(place - Math.round(place / step) * step) <= Math.max(0.05 * step, 0.011);
}

function uneven(gap: number, usual: number, place: number): PlannerError {
  const mm = (value: number) => Number(value.toFixed(3));
  const missing = Math.round(gap / usual) - 1;
  const isMissing = missing > 0 && isMultiple(gap, usual);
  const what = isMissing
    ? `${missing === 1 ? "a slice is" : `${missing} slices are`} missing`
    : "slices are unevenly spaced";
  return new PlannerError(
    "format",
    `${what}: a step of ${mm(gap)} mm among steps of ${mm(usual)} mm, ${mm(place)} mm from the ` +
      "first slice; export the series again, with all slices",
  );
}

/** From slice to slice; straight from the first to the last. */
function stepOf(
  planes: readonly FramePlane[],
  slices: readonly number[],
  notes: string[],
): Vector3 {
  const [first] = planes as [FramePlane];
  const last = planes.at(-1) as FramePlane;
  const normal = normalOf(first);
  const count = slices.at(-1) as number;
  if (count === 0) {
    if (first.sliceStep === null)
      notes.push("the file does not say how thick its slice is: 1 mm is taken");
    const mm = first.sliceStep ?? 1;
    return [normal[0] * mm, normal[1] * mm, normal[2] * mm];
  }
  const start = first.position as Vector3;
  const end = last.position as Vector3;
  const step = start.map(
    (from, axis) => ((end[axis] as number) - from) / count,
  ) as unknown as Vector3;
  requireStraight(planes, slices, step);
  const height = normal[0] * step[0] + normal[1] * step[1] + normal[2] * step[2];
  const shift = Math.sqrt(Math.max(0, Math.hypot(...step) ** 2 - height ** 2));
  const degrees = (Math.atan2(shift, height) * 180) / Math.PI;
  if (degrees > 0.1) {
    notes.push(
      `slices are shifted against each other (gantry tilt of ${degrees.toFixed(1)} degrees): ` +
        "the grid is sheared, every voxel keeps its place",
    );
  }
  return step;
}

function requireStraight(
  planes: readonly FramePlane[],
  slices: readonly number[],
  step: Vector3,
): void {
  const start = planes[0]?.position as Vector3;
  const pixel = Math.min(...(planes[0] as FramePlane).pixelSpacing);
  for (const [index, plane] of planes.entries()) {
    const slice = slices[index] as number;
    const off = (plane.position as Vector3).map(
      (at, axis) => at - (start[axis] as number) - slice * (step[axis] as number),
    );
    const mm = Math.hypot(...off);
    if (mm > Math.max(0.25 * Math.min(pixel, Math.hypot(...step)), 0.02)) {
      throw new PlannerError(
        "format",
        `DICOM slices must lie on a straight line, got one ${mm.toFixed(3)} mm beside it`,
      );
    }
  }
}
