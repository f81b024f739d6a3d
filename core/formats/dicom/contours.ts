import { PlannerError } from "../../errors.ts";
import { inverseOf } from "../../volume/affine.ts";
import { type Grid, worldOf } from "../../volume/grid.ts";
import type { DicomFile, DicomValues } from "./dataSet.ts";
import { type LabelledMask, maskPainter } from "./segmentation.ts";

/** A region of an RTSTRUCT. */
export interface ContourRegion {
  readonly number: number;
  readonly name: string;
  /** Closed contours in the world (RAS+, mm): x, y, z after each other. */
  readonly contours: readonly Float64Array[];
}

/** What an RTSTRUCT draws. */
export interface Contours {
  readonly regions: readonly ContourRegion[];
  /** Series that it was drawn on. */
  readonly series: readonly string[];
  readonly frameOfReference: string;
  readonly notes: readonly string[];
}

/** Whether a file is an RTSTRUCT. */
export function isContours(file: DicomFile): boolean {
  return file.text("x00080016") === "1.2.840.10008.5.1.4.1.1.481.3";
}

/**
 * The regions of an RTSTRUCT with their closed contours.
 *
 * @throws PlannerError "format" when a contour is not whole points
 *
 * Source: DICOM PS3.3, C.8.8.5 and C.8.8.6.
 */
export function readContours(file: DicomFile): Contours {
  const names = new Map<number, string>();
  for (const item of file.items("x30060020")) {
    const [number = 0] = item.numbers("x30060022");
    names.set(number, item.text("x30060026"));
  }
  let open = 0;
  const regions = file.items("x30060039").map((item): ContourRegion => {
    const [number = 0] = item.numbers("x30060084");
    const drawn = item.items("x30060040");
    const closed = drawn.filter((contour) => contour.text("x30060042").startsWith("CLOSED"));
    open += drawn.length - closed.length;
    return {
      number,
      name: names.get(number) || `region ${number}`,
      contours: closed.map(pointsOf),
    };
  });
  const notes = open > 0 ? [`${open} points or open lines enclose nothing and are left out`] : [];
  return { regions, series: seriesOf(file), frameOfReference: frameOf(file), notes };
}

function seriesOf(file: DicomFile): string[] {
  return file
    .items("x30060010")
    .flatMap((frame) => frame.items("x30060012"))
    .flatMap((study) => study.items("x30060014"))
    .map((series) => series.text("x0020000e"));
}

function frameOf(file: DicomFile): string {
  return file.text("x00200052") || (file.item("x30060010")?.text("x00200052") ?? "");
}

/** LPS as stored becomes RAS. */
function pointsOf(contour: DicomValues): Float64Array {
  const values = contour.numbers("x30060050");
  if (values.length >= 9 && values.length % 3 === 0) {
    return Float64Array.from(values, (value, index) => (index % 3 === 2 ? value : 0 - value));
  }
  throw new PlannerError(
    "format",
    `DICOM contour must be three points of three numbers or more, got ${values.length} numbers`,
  );
}

/**
 * Contours as a mask on the grid of the images they were drawn on: a voxel is inside when its
 * centre is, by the even-odd rule over all contours of a region in a slice, so that a contour
 * within another is a hole. Labels count regions from 1.
 *
 * @param grid - in the order of the slices: contours lie in planes of constant depth
 * @throws PlannerError "format" when contours do not lie in the planes of slices
 */
export function fillContours(contours: Contours, grid: Grid): LabelledMask {
  const painter = maskPainter({ grid }, contours.regions.length);
  const toVoxel = inverseOf(grid.affine);
  const [depth, height, width] = grid.shape;
  const inside = new Uint8Array(height * (width + 1));
  const values = new Uint8Array(height * width);
  let outside = 0;
  for (const [index, { name, contours: own }] of contours.regions.entries()) {
    const slices = new Map<number, Float64Array[]>();
    for (const points of own) {
      const { slice, polygon } = inVoxels(points, toVoxel, name);
      if (slice < 0 || slice >= depth) outside++;
      else slices.set(slice, [...(slices.get(slice) ?? []), polygon]);
    }
    for (const [slice, polygons] of slices) {
      inside.fill(0);
      for (const polygon of polygons) toggleEdges(polygon, inside, height, width);
      fillRows(inside, values, height, width);
      painter.paint(slice, index + 1, values, 1);
    }
  }
  const names = new Map(contours.regions.map(({ name }, index) => [index + 1, name]));
  const notes =
    outside > 0
      ? [...contours.notes, `${outside} contours lie outside the images and are left out`]
      : contours.notes;
  return painter.finished(names, notes);
}

/** A contour's slice and its points in it: width and height after each other. */
function inVoxels(points: Float64Array, toVoxel: Grid["affine"], name: string) {
  const polygon = new Float64Array((points.length / 3) * 2);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < points.length / 3; index++) {
    const [x, y, z] = [0, 1, 2].map((axis) => points[3 * index + axis] as number) as [
      number,
      number,
      number,
    ];
    // The affine maps (width, height, depth); worldOf takes them backwards.
    const [w, h, d] = worldOf(toVoxel, z, y, x);
    polygon[2 * index] = w;
    polygon[2 * index + 1] = h;
    low = Math.min(low, d);
    high = Math.max(high, d);
  }
  if (high - low > 0.5) {
    throw new PlannerError(
      "format",
      `contours of ${name} must lie in the planes of the slices, got one across ` +
        `${(high - low).toFixed(1)} slices`,
    );
  }
  return { slice: Math.round((low + high) / 2), polygon };
}

/** Marks, row by row, the first voxel centre behind each edge. */
function toggleEdges(polygon: Float64Array, inside: Uint8Array, height: number, width: number) {
  const count = polygon.length / 2;
  for (let index = 0; index < count; index++) {
    const next = (index + 1) % count;
    const [x0, y0] = [polygon[2 * index] as number, polygon[2 * index + 1] as number];
    const [x1, y1] = [polygon[2 * next] as number, polygon[2 * next + 1] as number];
    if (y0 === y1) continue;
    const slope = (x1 - x0) / (y1 - y0);
    // Half open, so that a corner on a row counts once.
    const first = Math.max(0, Math.ceil(Math.min(y0, y1)));
    const end = Math.min(height, Math.ceil(Math.max(y0, y1)));
    for (let row = first; row < end; row++) {
      const x = x0 + (row - y0) * slope;
      const column = Math.min(width, Math.max(0, Math.ceil(x)));
      const at = row * (width + 1) + column;
      inside[at] = (inside[at] as number) ^ 1;
    }
  }
}

function fillRows(inside: Uint8Array, values: Uint8Array, height: number, width: number): void {
  for (let row = 0; row < height; row++) {
    let parity = 0;
    for (let column = 0; column < width; column++) {
      parity ^= inside[row * (width + 1) + column] as number;
      values[row * width + column] = parity;
    }
  }
}
