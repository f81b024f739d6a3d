import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import { parseResult, type TrialResult } from "#core/results/result.ts";
import { RESULTS_FILE } from "./resultsFile.ts";

/**
 * The results in an output folder, which is left as it is: a run may be writing to it. A last
 * line that is not finished is passed over.
 *
 * @throws PlannerError "results" when there is no results file, a line is no result, or the
 *   file mixes experiments
 */
export async function readResults(folder: string): Promise<TrialResult[]> {
  const path = join(folder, RESULTS_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new PlannerError(
      "results",
      `${path} cannot be read (${messageOf(error)}); name the output folder of a run`,
      { cause: error },
    );
  }
  const byTrial = new Map<string, TrialResult>();
  const lines = text.split("\n");
  lines.forEach((line, index) => {
    if (!line.trim()) return;
    const result = resultIn(line, path, index, index === lines.length - 1);
    if (result) byTrial.set(result.trial, result);
  });
  const results = [...byTrial.values()];
  const experiments = new Set(results.map(({ experiment }) => experiment));
  if (experiments.size > 1) {
    throw new PlannerError(
      "results",
      `${path} must hold one experiment, got ${experiments.size}; their numbers do not compare`,
    );
  }
  return results;
}

function resultIn(line: string, path: string, index: number, isLast: boolean): TrialResult | null {
  try {
    return parseResult(JSON.parse(line));
  } catch (error) {
    if (isLast) return null;
    throw new PlannerError(
      "results",
      `${path} must hold one result per line, line ${index + 1} does not (${messageOf(error)})`,
    );
  }
}
