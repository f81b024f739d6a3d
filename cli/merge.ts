import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import { type Experiment, parseExperiment } from "#core/experiment/experiment.ts";
import { EXPERIMENT_FILE } from "#core/results/openedResults.ts";
import { METHOD_VERSION, type TrialResult } from "#core/results/result.ts";
import { RESULTS_FILE } from "#core/results/resultLines.ts";
import type { Streams } from "./command.ts";
import { readResults } from "./readResults.ts";
import { openResultsFile } from "./resultsFile.ts";
import { resultsTable } from "./resultsTable.ts";

/** What merging found. */
export interface Merged {
  readonly folders: number;
  readonly trials: number;
  /** Results that another folder had too. */
  readonly doubles: number;
  readonly failed: number;
}

/**
 * Joins the results of several output folders of one experiment into one. Of a trial with two
 * results the finished one stays, and of two finished ones the first.
 *
 * @param folders - output folders, or folders of them
 * @throws PlannerError "results" when a folder holds none, or they are of several experiments or
 *   method versions; nothing is written then
 */
export async function merge(
  folders: readonly string[],
  out: string,
  { out: print, log }: Streams,
): Promise<Merged> {
  const target = resolve(out);
  const parts = (await Promise.all(folders.map((one) => resultFolders(resolve(one))))).flat();
  const sources = [...new Set(parts)].filter((one) => one !== target).sort();
  const read = await Promise.all(
    sources.map(async (folder) => ({ folder, results: await readResults(folder) })),
  );
  const best = new Map<string, TrialResult>();
  let doubles = 0;
  for (const { folder, results } of read) {
    for (const result of results) {
      requireOneExperiment(folder, result, read[0]?.results[0]);
      const known = best.get(result.trial);
      if (known) doubles++;
      if (!known || (known.status === "failed" && result.status === "done")) {
        best.set(result.trial, result);
      }
    }
  }
  const [first] = best.values();
  if (!first) {
    throw new PlannerError(
      "results",
      `${folders.join(", ")} must hold ${RESULTS_FILE} with a result, got none; name output ` +
        "folders of runs, or a folder of them",
    );
  }
  const experiment = await grownExperiment(sources);
  const store = await openResultsFile(target, experiment, first.experiment);
  const there = new Map((await store.all(first.experiment)).map((one) => [one.trial, one]));
  for (const result of best.values()) {
    if (there.get(result.trial)?.status !== "done") await store.put(result);
  }
  const results = await store.all(first.experiment);
  print.write(`${resultsTable(results)}\n`);
  const failed = results.filter(({ status }) => status === "failed").length;
  const merged = { folders: sources.length, trials: results.length, doubles, failed };
  log.write(
    `${merged.trials} trials from ${merged.folders} folders, ${doubles} doubles, ${failed} failed\n`,
  );
  return merged;
}

/** The folder itself where it holds results, else every folder under it that does. */
async function resultFolders(folder: string): Promise<string[]> {
  if (await stat(join(folder, RESULTS_FILE)).catch(() => null)) return [folder];
  const inside = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new PlannerError(
      "results",
      `${folder} cannot be read (${messageOf(error)}); name the output folder of a run`,
    );
  });
  const nested = inside
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => resultFolders(join(folder, name)));
  return (await Promise.all(nested)).flat();
}

function requireOneExperiment(folder: string, one: TrialResult, first: TrialResult | undefined) {
  if (first && one.experiment !== first.experiment) {
    throw new PlannerError(
      "results",
      `results must be of one experiment, got ${first.experiment} and, in ${folder}, ` +
        `${one.experiment}; their numbers do not compare`,
    );
  }
  if (one.methodVersion === METHOD_VERSION) return;
  throw new PlannerError(
    "results",
    `${folder} holds results of method version ${one.methodVersion}, this program has ` +
      `${METHOD_VERSION}; merge them with the program that made them`,
  );
}

/** The experiment with the most trials among the copies: one that grew holds the others. */
async function grownExperiment(folders: readonly string[]): Promise<Experiment> {
  const known: Experiment[] = [];
  for (const folder of folders) {
    const text = await readFile(join(folder, EXPERIMENT_FILE), "utf8").catch(() => null);
    if (text !== null) known.push(parseExperiment(JSON.parse(text)));
  }
  const sizeOf = (one: Experiment) =>
    one.densities.length *
    one.volumeFractions.length *
    one.strategies.length *
    one.interpolators.length *
    one.repeats;
  const [largest] = known.sort((a, b) => sizeOf(b) - sizeOf(a));
  if (largest) return largest;
  throw new PlannerError(
    "results",
    `${folders.join(", ")} must hold ${EXPERIMENT_FILE}, the copy a run leaves beside its results`,
  );
}
