import { readFile } from "node:fs/promises";
import { type CostModel, parseCostModel } from "#core/analysis/cost.ts";
import { fitTimes, parseTimeLog } from "#core/analysis/timeLog.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { seededRandom } from "#core/random.ts";

export interface CostOptions {
  /** Cost model, JSON. */
  readonly cost?: string;
  /** Measured times, CSV. */
  readonly timeLog?: string;
}

/**
 * The cost model that a command works with: its file, or the defaults; with a time log, the
 * measured minutes take their places, and locating is part of them.
 *
 * @param say - told what the time log gave
 * @throws PlannerError "argument" or "format" naming what cannot be read
 */
export async function readCost(
  { cost, timeLog }: CostOptions,
  say: (text: string) => void,
): Promise<CostModel> {
  const model = await readCostFile(cost);
  if (timeLog === undefined) return model;
  const fit = fitTimes(parseTimeLog(await textOf(timeLog)), seededRandom(1));
  for (const note of fit.notes) say(`${timeLog}: ${note}`);
  const minutesPerSlice = fit.minutesPerSlice.value;
  const minutesPerVolume = fit.minutesPerVolume?.value ?? 0;
  say(
    `${timeLog}: ${minutesPerSlice.toFixed(2)} minutes per slice and ${minutesPerVolume.toFixed(2)} ` +
      `per volume, from ${fit.slices} slices of ${fit.cases} volumes`,
  );
  return { ...model, minutesPerSlice, minutesPerVolume, locateMinutes: 0 };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new PlannerError("argument", `${path} cannot be read (${messageOf(error)})`, {
      cause: error,
    });
  }
}

/**
 * The cost model in a JSON file; the defaults without one.
 *
 * @throws PlannerError "argument" when the file cannot be read, is not JSON, or breaks a rule
 */
async function readCostFile(path: string | undefined): Promise<CostModel> {
  if (path === undefined) return parseCostModel({});
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new PlannerError("argument", `${path} cannot be read as JSON (${messageOf(error)})`, {
      cause: error,
    });
  }
  return parseCostModel(value);
}
