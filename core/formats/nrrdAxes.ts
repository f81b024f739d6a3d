import { PlannerError } from "../errors.ts";
import type { Grid } from "../volume/grid.ts";
import type { NrrdHeader } from "./nrrdHeader.ts";
import { LPS, placedGrid, type Vector3 } from "./placedGrid.ts";

/** How the axes of an NRRD file, fastest first, make volumes in space. */
export interface NrrdAxes {
  readonly grid: Grid;
  /** Volumes in the file. */
  readonly frames: number;
  /** Voxels between neighbours along i, j, k and from volume to volume. */
  readonly strides: readonly [number, number, number, number];
  /** Numbers in the file. */
  readonly count: number;
  /** Whether the header says how it lies in space. */
  readonly isPlaced: boolean;
  readonly notes: readonly string[];
}

const worlds: Readonly<Record<string, Vector3>> = {
  "right-anterior-superior": [1, 1, 1],
  ras: [1, 1, 1],
  "left-anterior-superior": [-1, 1, 1],
  las: [-1, 1, 1],
  "left-posterior-superior": LPS,
  lps: LPS,
};

const lengthUnits: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000, um: 1e-3 };

/**
 * Sizes, directions and origin of an NRRD header as a grid. One axis may stand outside space
 * (time, channels, layers of segments); without directions the voxel sizes alone count and
 * the volume starts at the origin.
 *
 * @throws PlannerError "format" naming the field that breaks its rule
 */
export function readNrrdAxes({ fields }: NrrdHeader): NrrdAxes {
  const sizes = readSizes(fields);
  const notes: string[] = [];
  const { signs, isPlaced } = readWorld(fields, notes);
  const directions = readDirections(fields, sizes.length);
  const { spatial, list } = splitAxes(fields, sizes, directions);
  const sizeOf = (axis: number | undefined) => (axis === undefined ? 1 : (sizes[axis] as number));
  const strideOf = (axis: number | undefined) =>
    axis === undefined ? 0 : sizes.slice(0, axis).reduce((product, size) => product * size, 1);
  const [i, j, k] = spatial;
  const steps = stepsOf(fields, directions, spatial);
  const isPlacedFully = isPlaced && directions !== null;
  if (!isPlacedFully) {
    notes.push(
      "the file does not say how it lies in space: axes are taken as right, anterior, superior",
    );
  }
  const unit = unitOf(fields, notes);
  const scaled = (vector: Vector3) => vector.map((value) => value * unit) as unknown as Vector3;
  const origin = fields.has("space origin")
    ? vectorOf("space origin", fields.get("space origin") as string)
    : ([0, 0, 0] as const);
  const shape = [sizeOf(k), sizeOf(j), sizeOf(i)] as const;
  const grid = placedGrid(
    "NRRD",
    shape,
    [scaled(steps[0]), scaled(steps[1]), scaled(steps[2])],
    scaled(origin),
    signs,
  );
  return {
    grid,
    frames: sizeOf(list),
    strides: [strideOf(i), strideOf(j), strideOf(k), strideOf(list)],
    count: sizes.reduce((product, size) => product * size, 1),
    isPlaced: isPlacedFully,
    notes,
  };
}

function readSizes(fields: NrrdHeader["fields"]): number[] {
  const dimension = Number(required(fields, "dimension"));
  const sizes = required(fields, "sizes").split(/\s+/).map(Number);
  const areSizes = sizes.every((size) => Number.isSafeInteger(size) && size > 0);
  if (!areSizes || sizes.length !== dimension || dimension < 2 || dimension > 4) {
    throw new PlannerError(
      "format",
      "NRRD header: sizes must be 2 to 4 positive integers, one per dimension, " +
        `got dimension ${fields.get("dimension")?.slice(0, 40)}, sizes ${fields.get("sizes")?.slice(0, 80)}`,
    );
  }
  return sizes;
}

/** The text of a field. @throws PlannerError "format" when the header lacks it */
export function required(fields: NrrdHeader["fields"], name: string): string {
  const value = fields.get(name);
  if (value) return value;
  throw new PlannerError("format", `NRRD header: ${name} must be there, got none`);
}

function readWorld(fields: NrrdHeader["fields"], notes: string[]) {
  const space = fields.get("space");
  if (!space) return { signs: [1, 1, 1] as Vector3, isPlaced: false };
  const signs = worlds[space.toLowerCase().replace(/-time$|t$/, "")];
  if (signs) return { signs, isPlaced: true };
  notes.push(`space ${space.slice(0, 40)} is not a patient's`);
  return { signs: [1, 1, 1] as Vector3, isPlaced: false };
}

/** One entry per axis, null for an axis outside space; null without the field. */
function readDirections(fields: NrrdHeader["fields"], count: number): (Vector3 | null)[] | null {
  const text = fields.get("space directions");
  if (!text) return null;
  const entries = text.match(/none|\([^)]*\)/g) ?? [];
  if (entries.length !== count) {
    throw new PlannerError(
      "format",
      `NRRD header: space directions must be ${count} vectors, got ${text.slice(0, 100)}`,
    );
  }
  return entries.map((entry) => (entry === "none" ? null : vectorOf("space directions", entry)));
}

/** "(x,y,z)"; a plane's vectors may have two numbers. */
function vectorOf(name: string, text: string): Vector3 {
  const values = text
    .replace(/[()]/g, "")
    .split(",")
    .map((part) => Number(part.trim() || "x"));
  const [x, y, z = 0] = values;
  if (values.length >= 2 && values.length <= 3 && values.every(Number.isFinite)) {
    return [x as number, y as number, z];
  }
  throw new PlannerError(
    "format",
    `NRRD header: ${name} must be finite numbers, got ${text.slice(0, 100)}`,
  );
}

const spatialKinds = new Set(["domain", "space", "???", "none"]);

function splitAxes(
  fields: NrrdHeader["fields"],
  sizes: readonly number[],
  directions: readonly (Vector3 | null)[] | null,
): { spatial: number[]; list: number | undefined } {
  const kinds = fields.get("kinds")?.split(/\s+/) ?? [];
  const isOutside = (axis: number) =>
    directions
      ? directions[axis] === null
      : kinds[axis] !== undefined && !spatialKinds.has((kinds[axis] as string).toLowerCase());
  const axes = sizes.map((_, axis) => axis);
  let outside = axes.filter(isOutside);
  if (outside.length === 0 && sizes.length === 4) outside = [3];
  const spatial = axes.filter((axis) => !outside.includes(axis));
  if (outside.length > 1 || spatial.length < 2 || spatial.length > 3) {
    throw new PlannerError(
      "format",
      `NRRD header: 2 or 3 axes must lie in space and 1 at most outside, got ${spatial.length} ` +
        `and ${outside.length}`,
    );
  }
  const color = kinds[outside[0] ?? -1];
  if (color && /color|complex|vector|matrix|quaternion|normal|gradient/i.test(color)) {
    throw new PlannerError("format", `voxels must be one real number each, got ${color}`);
  }
  return { spatial, list: outside[0] };
}

function stepsOf(
  fields: NrrdHeader["fields"],
  directions: readonly (Vector3 | null)[] | null,
  spatial: readonly number[],
): [Vector3, Vector3, Vector3] {
  const spacings = fields.get("spacings")?.split(/\s+/).map(Number) ?? [];
  const along = (column: 0 | 1 | 2): Vector3 => {
    const axis = spatial[column];
    const direction = axis === undefined ? null : directions?.[axis];
    if (direction) return direction;
    const size = axis === undefined ? 1 : (spacings[axis] ?? 1);
    const mm = Number.isNaN(size) ? 1 : size;
    return [column === 0 ? mm : 0, column === 1 ? mm : 0, column === 2 ? mm : 0];
  };
  const [i, j, k] = [along(0), along(1), along(2)];
  return [i, j, spatial.length === 3 || !directions ? k : crossUnit(i, j)];
}

/** A step of 1 along the normal of a plane. */
function crossUnit(a: Vector3, b: Vector3): Vector3 {
  const cross = [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ] as const;
  const length = Math.hypot(...cross);
  return [cross[0] / length, cross[1] / length, cross[2] / length];
}

function unitOf(fields: NrrdHeader["fields"], notes: string[]): number {
  const names = [...new Set(fields.get("space units")?.match(/"[^"]*"/g) ?? ['"mm"'])];
  const unit = lengthUnits[names[0]?.slice(1, -1) ?? ""];
  if (names.length === 1 && unit !== undefined) {
    if (unit !== 1) notes.push(`lengths were stored in ${names[0]}`);
    return unit;
  }
  const known = names.map((name) => name.slice(1, -1)).join(", ");
  notes.push(`lengths are taken as mm, the file says ${known.slice(0, 60)}`);
  return 1;
}
