import { messageOf, PlannerError } from "../errors.ts";
import { parseResult, type TrialResult } from "./result.ts";

/** The results file in an output folder: one result per line. */
export const RESULTS_FILE = "results.jsonl";

export interface ResultLines {
  /** The last of each trial, in the order of their first lines. */
  readonly results: readonly TrialResult[];
  /** Characters up to the end of the last whole line. */
  readonly good: number;
  /** The last line is whole but for its end. */
  readonly needsNewline: boolean;
}

/**
 * Reads the lines of a results file. A last line that was cut short, or is being written, is
 * no result yet and is told apart by `good`.
 *
 * @param path - named when a line is refused
 * @throws PlannerError "results" when a line before the last is no result
 */
export function resultLines(path: string, text: string): ResultLines {
  const byTrial = new Map<string, TrialResult>();
  const linesOf = (good: number, needsNewline: boolean): ResultLines => {
    return { results: [...byTrial.values()], good, needsNewline };
  };
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const end = text.indexOf("\n", start);
    const isLast = end === -1;
    const line = text.slice(start, isLast ? text.length : end).trim();
    try {
      const result = line ? parseResult(JSON.parse(line)) : null;
      if (result) byTrial.set(result.trial, result);
    } catch (error) {
      if (isLast) return linesOf(start, false);
      throw new PlannerError(
        "results",
        `${path} must hold one result per line, line ${number} does not (${messageOf(error)}); ` +
          "mend the line or choose another output folder",
      );
    }
    if (isLast) return linesOf(text.length, true);
    start = end + 1;
  }
  return linesOf(text.length, false);
}
