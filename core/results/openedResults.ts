import * as v from "valibot";
import { messageOf, PlannerError } from "../errors.ts";
import { type Experiment, parseExperiment } from "../experiment/experiment.ts";
import { METHOD_VERSION, parseResult, type TrialResult } from "./result.ts";
import { RESULTS_FILE, resultLines } from "./resultLines.ts";

/** The copy of the experiment that a run leaves beside its results. */
export const EXPERIMENT_FILE = "experiment.json";

/** A file of results, or the copy of an experiment. */
export interface ResultText {
  /** `/` between parts */
  readonly path: string;
  readonly text: string;
}

/** Results that came as files. */
export interface OpenedResults {
  /** Of the experiment the results belong to. */
  readonly fingerprint: string;
  /** What they are results of; null when no copy of it is among the files. */
  readonly experiment: Experiment | null;
  /** One per trial: a finished one before a failed one, then the first. */
  readonly results: readonly TrialResult[];
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether a path may hold results: a results file, or a JSON file in the folder's top. */
export function mayHoldResults(path: string): boolean {
  return nameOf(path) === RESULTS_FILE || (/\.json$/i.test(path) && !path.includes("/"));
}

/** Whether a file is what results are read with. */
export function belongsToResults(path: string): boolean {
  return mayHoldResults(path) || nameOf(path) === EXPERIMENT_FILE;
}

const exported = v.object({
  methodVersion: v.string(),
  experiment: v.looseObject({}),
  results: v.array(v.unknown()),
});

/**
 * Results from output folders of runs, parts of them, or an exported JSON file.
 *
 * @returns null when no file holds results
 * @throws PlannerError "results" when a file is broken, or they are of several experiments or
 *   another version of the methods
 */
export function openedResults(files: readonly ResultText[]): OpenedResults | null {
  const best = new Map<string, TrialResult>();
  const copies: Experiment[] = [];
  for (const { path, text } of files) {
    const { results, experiment } =
      nameOf(path) === RESULTS_FILE ? linesOf(path, text) : jsonOf(text);
    if (experiment) copies.push(experiment);
    for (const result of results) {
      requireComparable(path, result, best.values().next().value);
      const known = best.get(result.trial);
      if (!known || (known.status === "failed" && result.status === "done")) {
        best.set(result.trial, result);
      }
    }
  }
  const [first] = best.values();
  if (!first) return null;
  const [experiment] = copies.sort((a, b) => b.repeats - a.repeats);
  return {
    fingerprint: first.experiment,
    experiment: experiment ?? null,
    results: [...best.values()],
  };
}

function linesOf(path: string, text: string) {
  return { results: resultLines(path, text).results, experiment: null };
}

/** What a JSON file holds; nothing when it is neither an export nor the copy of an experiment. */
function jsonOf(text: string): {
  readonly results: readonly TrialResult[];
  readonly experiment: Experiment | null;
} {
  const nothing = { results: [], experiment: null };
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return nothing;
  }
  const whole = v.safeParse(exported, value);
  if (!whole.success) return { results: [], experiment: experimentIn(value) };
  const { experiment, results } = whole.output;
  try {
    return { results: results.map(parseResult), experiment: experimentIn(experiment) };
  } catch (error) {
    throw new PlannerError("results", `the exported results cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function experimentIn(value: unknown): Experiment | null {
  try {
    return parseExperiment(value);
  } catch {
    return null;
  }
}

function requireComparable(path: string, one: TrialResult, first: TrialResult | undefined): void {
  if (first && one.experiment !== first.experiment) {
    throw new PlannerError(
      "results",
      `results must be of one experiment, got ${first.experiment} and, in ${path}, ` +
        `${one.experiment}; their numbers do not compare`,
    );
  }
  if (one.methodVersion === METHOD_VERSION) return;
  throw new PlannerError(
    "results",
    `${path} holds results of method version ${one.methodVersion}, this version has ` +
      `${METHOD_VERSION}; the numbers do not compare`,
  );
}
