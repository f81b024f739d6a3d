import { readFile } from "node:fs/promises";
import { type CostModel, parseCostModel } from "#core/analysis/cost.ts";
import { messageOf, PlannerError } from "#core/errors.ts";

/**
 * The cost model in a JSON file; the defaults without one.
 *
 * @throws PlannerError "argument" when the file cannot be read, is not JSON, or breaks a rule
 */
export async function readCostFile(path: string | undefined): Promise<CostModel> {
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
