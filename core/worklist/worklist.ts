import type { Grid } from "../volume/grid.ts";
import { worldOf } from "../volume/grid.ts";
import { canonicalTurn, type Turn } from "../volume/orientation.ts";

/** A volume of which some slices are to be annotated. */
export interface PlannedVolume {
  readonly id: string;
  /** Of its image, inside the cohort's folder. */
  readonly path: string;
  /** As stored in its file, not turned. */
  readonly grid: Grid;
  /** Slices to annotate: canonical depth indices (0 is the most inferior), ascending. */
  readonly depths: readonly number[];
  /** Why these, for people. */
  readonly reason: string;
}

/** One slice that a person is asked to annotate. */
export interface WorklistSlice {
  /** Canonical depth index; 0 is the most inferior slice. */
  readonly depth: number;
  /** Axis of the file along which slices are stacked: i is the fastest, k the slowest. */
  readonly axis: "i" | "j" | "k";
  /** Index along that axis in the file, counted from 0 and from 1. */
  readonly index0: number;
  readonly index1: number;
  /** World position of the slice's centre, mm: right, anterior, superior. */
  readonly center: readonly [right: number, anterior: number, superior: number];
  /** Superior coordinate of the centre, mm. */
  readonly positionMm: number;
  /** 1 first: whoever stops early has annotated a plan that is as even as can be. */
  readonly priority: number;
  readonly reason: string;
}

export interface WorklistCase {
  readonly id: string;
  /** The id in letters that every file system takes; unique in the list. */
  readonly fileName: string;
  readonly path: string;
  readonly grid: Grid;
  /** By depth. */
  readonly slices: readonly WorklistSlice[];
}

/** Slices to annotate, by case. Plain data. */
export interface Worklist {
  readonly name: string;
  /** What is to be annotated, in words. */
  readonly target: string;
  readonly cases: readonly WorklistCase[];
}

/**
 * A plan as a list of slices with their places in the files and in the world.
 *
 * Priorities go round the cases: first a slice near the middle of every case, then, again and
 * again, the slice of each case that is farthest from those before it.
 */
export function worklistOf(
  name: string,
  target: string,
  volumes: readonly PlannedVolume[],
): Worklist {
  const names = fileNames(volumes.map(({ id }) => id));
  const priorities = prioritiesOf(volumes.map(({ depths }) => depths));
  return {
    name,
    target,
    cases: volumes.map(({ id, path, grid, depths, reason }, at) => {
      const turn = canonicalTurn(grid.affine);
      return {
        id,
        fileName: names[at] as string,
        path,
        grid,
        slices: depths.map((depth, k) => ({
          ...placeOf(grid, turn, depth),
          priority: priorities[at]?.[k] ?? 0,
          reason,
        })),
      };
    }),
  };
}

/** Slices in all. */
export function sliceCount({ cases }: Worklist): number {
  return cases.reduce((sum, { slices }) => sum + slices.length, 0);
}

function placeOf(grid: Grid, turn: Turn, depth: number) {
  const source = turn.from[0];
  const count = grid.shape[source];
  const index0 = turn.flipped[0] ? count - 1 - depth : depth;
  const voxel = grid.shape.map((side, axis) => (axis === source ? index0 : (side - 1) / 2));
  const center = worldOf(grid.affine, ...(voxel as [number, number, number]));
  return {
    depth,
    axis: (["k", "j", "i"] as const)[source],
    index0,
    index1: index0 + 1,
    center,
    positionMm: center[2],
  };
}

/** [case][slice]: place in the order, from 1. */
function prioritiesOf(depths: readonly (readonly number[])[]): number[][] {
  const orders = depths.map(farthestFirst);
  const priorities = depths.map((list) => list.map(() => 0));
  let next = 1;
  const rounds = Math.max(0, ...orders.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    orders.forEach((order, at) => {
      const slice = order[round];
      const list = priorities[at];
      if (slice !== undefined && list) list[slice] = next++;
    });
  }
  return priorities;
}

/** Positions in a list: the one nearest the middle, then always the one farthest from all before. */
function farthestFirst(depths: readonly number[]): number[] {
  const middle = ((depths[0] ?? 0) + (depths.at(-1) ?? 0)) / 2;
  const distances = depths.map((depth) => -Math.abs(depth - middle));
  const order: number[] = [];
  for (let round = 0; round < depths.length; round++) {
    const next = distances.indexOf(Math.max(...distances));
    order.push(next);
    depths.forEach((depth, k) => {
      const distance = Math.abs(depth - (depths[next] as number));
      const before = round === 0 ? Number.POSITIVE_INFINITY : (distances[k] as number);
      distances[k] = order.includes(k) ? Number.NEGATIVE_INFINITY : Math.min(before, distance);
    });
  }
  return order;
}

function fileNames(ids: readonly string[]): string[] {
  const used = new Set<string>();
  return ids.map((id) => {
    const plain = id.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[.-]+/, "_") || "case";
    let name = plain;
    for (let copy = 2; used.has(name.toLowerCase()); copy++) name = `${plain}-${copy}`;
    used.add(name.toLowerCase());
    return name;
  });
}
