import { csvRows } from "../csvText.ts";
import { PlannerError } from "../errors.ts";
import { quantile } from "../evaluation/statistics.ts";
import type { Random } from "../random.ts";
import type { Estimate } from "./doublingEffects.ts";

/** What one volume took. */
export interface LoggedCase {
  readonly case: string;
  readonly slices: number;
  readonly minutes: number;
}

/** Parts of a cost model found in a time log; the rest of the model stays as it is. */
export interface TimeFit {
  readonly minutesPerSlice: Estimate;
  /** null when every volume has the same number of slices: the two cannot be told apart. */
  readonly minutesPerVolume: Estimate | null;
  readonly cases: number;
  readonly slices: number;
  /** What to know about the fit, in words. */
  readonly notes: readonly string[];
}

const caseNames = ["case", "file", "image", "volume", "task", "item"];
const sliceNames = ["slices", "frames"];
const timeUnits: Readonly<Record<string, number>> = { seconds: 1 / 60, minutes: 1, hours: 60 };

/**
 * Reads a time log: comma separated, with a header. Columns: the case (`case`, `file`,
 * `image`, `volume`, `task` or `item`), the time (`seconds`, `minutes` or `hours`; a unit in
 * brackets or after an underscore is read too, `time (s)`) and, where a row is not one slice,
 * `slices` or `frames`. Rows of one case are added up; other columns are passed over.
 *
 * @throws PlannerError "format" naming the row and the column that cannot be read
 */
export function parseTimeLog(text: string): LoggedCase[] {
  const [head, ...rows] = csvRows(text);
  if (!head || rows.length === 0) {
    throw new PlannerError("format", "time log must have a header and at least one row, got none");
  }
  const names = head.map((name) => name.trim().toLowerCase());
  const caseColumn = names.findIndex((name) => caseNames.includes(name));
  const time = timeColumn(names);
  if (caseColumn < 0 || !time) {
    throw new PlannerError(
      "format",
      `time log must have a column for the case (${caseNames.join(", ")}) and one for the time ` +
        `(${Object.keys(timeUnits).join(", ")}), got ${head.join(", ")}`,
    );
  }
  const sliceColumn = names.findIndex((name) => sliceNames.includes(name));
  const cases = new Map<string, LoggedCase>();
  rows.forEach((row, at) => {
    const id = row[caseColumn]?.trim() ?? "";
    if (!id)
      throw new PlannerError("format", `time log row ${at + 2} must name its case, got none`);
    const slices = sliceColumn < 0 ? 1 : numberIn(row, sliceColumn, head, at);
    const minutes = numberIn(row, time.column, head, at) * time.factor;
    const before = cases.get(id) ?? { case: id, slices: 0, minutes: 0 };
    cases.set(id, { case: id, slices: before.slices + slices, minutes: before.minutes + minutes });
  });
  return [...cases.values()];
}

function timeColumn(names: readonly string[]): { column: number; factor: number } | null {
  const short: Readonly<Record<string, string>> = {
    s: "seconds",
    sec: "seconds",
    min: "minutes",
    h: "hours",
  };
  for (const [column, name] of names.entries()) {
    const unit = /^(?:time|duration)[ _]?[([]?([a-z]+)[)\]]?$/.exec(name)?.[1] ?? name;
    const factor = timeUnits[short[unit] ?? unit];
    if (factor !== undefined) return { column, factor };
  }
  return null;
}

function numberIn(row: readonly string[], column: number, head: readonly string[], at: number) {
  const text = row[column]?.trim() ?? "";
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new PlannerError(
    "format",
    `time log row ${at + 2}: ${head[column]} must be a number from 0, got ${text || "nothing"}`,
  );
}

/** Draws of the bootstrap. */
const DRAWS = 2000;
/** Volumes below which a fit is a rough guess. */
const FEW = 8;

/**
 * Minutes per slice and per opened volume by least squares over volumes, neither below 0:
 *
 *     minutes = minutesPerVolume + minutesPerSlice * slices
 *
 * Intervals: bootstrap over volumes.
 *
 * @throws PlannerError "argument" without a volume or without a slice
 */
export function fitTimes(cases: readonly LoggedCase[], random: Random): TimeFit {
  const slices = cases.reduce((sum, one) => sum + one.slices, 0);
  if (slices === 0) {
    throw new PlannerError("argument", `time log must hold at least one slice, got ${slices}`);
  }
  const found = line(cases);
  const draws = Array.from({ length: DRAWS }, () =>
    line(cases.map(() => cases[random.integer(cases.length)] as LoggedCase)),
  ).filter((draw) => Number.isFinite(draw.perSlice));
  const estimate = (of: (one: Line) => number): Estimate => {
    const values = draws.map(of).sort((a, b) => a - b);
    return { value: of(found), interval: [quantile(values, 0.025), quantile(values, 0.975)] };
  };
  const notes: string[] = [];
  if (!found.isSeparable) {
    notes.push(
      "every volume has the same number of slices, so opening a volume cannot be told from drawing; " +
        "all of the time counts as drawing",
    );
  }
  if (cases.length < FEW) notes.push(`${cases.length} volumes: the fit is a rough guess`);
  return {
    minutesPerSlice: estimate(({ perSlice }) => perSlice),
    minutesPerVolume: found.isSeparable ? estimate(({ perVolume }) => perVolume) : null,
    cases: cases.length,
    slices,
    notes,
  };
}

interface Line {
  readonly perVolume: number;
  readonly perSlice: number;
  readonly isSeparable: boolean;
}

function line(cases: readonly LoggedCase[]): Line {
  const n = cases.length;
  const total = (of: (one: LoggedCase) => number) => cases.reduce((sum, one) => sum + of(one), 0);
  const x = total((one) => one.slices);
  const y = total((one) => one.minutes);
  const xx = total((one) => one.slices ** 2);
  const xy = total((one) => one.slices * one.minutes);
  const spread = n * xx - x * x;
  const isSeparable = spread > 1e-9 * n * xx;
  const throughZero = { perVolume: 0, perSlice: xy / xx, isSeparable };
  if (!isSeparable) return throughZero;
  const perSlice = (n * xy - x * y) / spread;
  const perVolume = (y - perSlice * x) / n;
  if (perVolume < 0) return throughZero;
  return perSlice < 0
    ? { perVolume: y / n, perSlice: 0, isSeparable }
    : { perVolume, perSlice, isSeparable };
}
