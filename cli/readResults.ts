import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { TrialResult } from "#core/results/result.ts";
import { RESULTS_FILE, resultLines } from "#core/results/resultLines.ts";

/**
 * The results in an output folder, which is left as it is: a run may be writing to it. A last
 * line that is not finished is passed over.
 *
 * @throws PlannerError "results" when there is no results file, a line is no result, or the
 *   file mixes experiments
 */
export async function readResults(folder: string): Promise<readonly TrialResult[]> {
  const path = join(folder, RESULTS_FILE);
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    throw new PlannerError(
      "results",
      `${path} cannot be read (${messageOf(error)}); name the output folder of a run`,
      { cause: error },
    );
  }
  const { results } = resultLines(path, content);
  const experiments = new Set(results.map(({ experiment }) => experiment));
  if (experiments.size > 1) {
    throw new PlannerError(
      "results",
      `${path} must hold one experiment, got ${experiments.size}; their numbers do not compare`,
    );
  }
  return results;
}
