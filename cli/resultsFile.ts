import { appendFile, mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { METHOD_VERSION, parseResult, type TrialResult } from "#core/results/result.ts";
import type { ResultStore } from "#core/results/resultStore.ts";

/** Names in an output folder. */
export const RESULTS_FILE = "results.jsonl";
export const EXPERIMENT_FILE = "experiment.json";

export interface ResultsFile extends ResultStore {
  /** What opening had to mend, in words; null when nothing. */
  readonly mended: string | null;
}

/**
 * The results of an experiment in a folder: `results.jsonl` with one line per trial, and a
 * copy of the experiment beside it. A line is on the disk before `put` resolves. A last
 * line that was cut short by a crash is taken off; nothing else is ever lost.
 *
 * @param fingerprint - `experimentFingerprint` of what is about to run
 * @throws PlannerError "results" when the folder holds results of another experiment, or
 *   lines that are no results
 * @throws PlannerError "storage" when the folder cannot be written
 */
export async function openResultsFile(
  folder: string,
  experiment: Experiment,
  fingerprint: string,
): Promise<ResultsFile> {
  const path = join(folder, RESULTS_FILE);
  await stored(path, () => mkdir(folder, { recursive: true }));
  const { results, good, bytes, needsNewline } = readLines(path, await textOf(path));
  requireSame(folder, results, fingerprint);
  await keepExperiment(folder, experiment, fingerprint);
  if (good < bytes) await stored(path, () => truncate(path, good));
  if (needsNewline) await stored(path, () => appendSafely(path, "\n"));

  const byTrial = new Map(results.map((result) => [result.trial, result]));
  return {
    mended:
      good < bytes
        ? `the last line of ${path} was cut short (${bytes - good} bytes) and was taken off; its trial runs again`
        : null,
    put: async (result) => {
      const isNew = !byTrial.has(result.trial);
      byTrial.set(result.trial, result);
      await stored(path, () =>
        isNew ? appendSafely(path, lineOf(result)) : replace(path, [...byTrial.values()]),
      );
    },
    all: async (experiment) =>
      [...byTrial.values()].filter((result) => result.experiment === experiment),
  };
}

interface Lines {
  readonly results: readonly TrialResult[];
  /** Bytes up to the end of the last whole line. */
  readonly good: number;
  readonly bytes: number;
  /** The last line is whole but for its end. */
  readonly needsNewline: boolean;
}

function readLines(path: string, content: Buffer): Lines {
  const results: TrialResult[] = [];
  let start = 0;
  while (start < content.length) {
    const end = content.indexOf("\n", start);
    const isLast = end === -1;
    const text = content.toString("utf8", start, isLast ? content.length : end).trim();
    try {
      if (text) results.push(parseResult(JSON.parse(text)));
    } catch (error) {
      if (isLast) return { results, good: start, bytes: content.length, needsNewline: false };
      const line = content.toString("utf8", 0, start).split("\n").length;
      throw new PlannerError(
        "results",
        `${path} must hold one result per line, line ${line} does not (${messageOf(error)}); ` +
          "mend the line or choose another output folder",
      );
    }
    if (isLast) break;
    start = end + 1;
  }
  const needsNewline = content.length > 0 && content.at(-1) !== 10;
  return { results, good: content.length, bytes: content.length, needsNewline };
}

function requireSame(folder: string, results: readonly TrialResult[], fingerprint: string): void {
  const other = results.find(({ experiment }) => experiment !== fingerprint);
  if (other) {
    throw new PlannerError(
      "results",
      `${folder} holds results of another experiment (${results.length} trials of ` +
        `${other.experiment}, this one is ${fingerprint}); choose another output folder`,
    );
  }
  const older = results.find(({ methodVersion }) => methodVersion !== METHOD_VERSION);
  if (older) {
    throw new PlannerError(
      "results",
      `${folder} holds results of method version ${older.methodVersion}, this program has ` +
        `${METHOD_VERSION} and the two do not compare; choose another output folder`,
    );
  }
}

/** Keeps a copy of the experiment, unless a file of that name is somebody else's. */
async function keepExperiment(
  folder: string,
  experiment: Experiment,
  fingerprint: string,
): Promise<void> {
  const path = join(folder, EXPERIMENT_FILE);
  if (!(await isOurs(path, fingerprint))) return;
  const text = `${JSON.stringify({ ...experiment, fingerprint }, null, 2)}\n`;
  await stored(path, () => writeFile(path, text));
}

async function isOurs(path: string, fingerprint: string): Promise<boolean> {
  const content = await textOf(path);
  if (content.length === 0) return true;
  try {
    const known: unknown = JSON.parse(content.toString("utf8"));
    return (
      typeof known === "object" &&
      known !== null &&
      "fingerprint" in known &&
      known.fingerprint === fingerprint
    );
  } catch {
    return false;
  }
}

/** The bytes of a file; none when it does not exist. */
async function textOf(path: string): Promise<Buffer> {
  const exists = await stat(path).catch(() => null);
  return exists ? stored(path, () => readFile(path)) : Buffer.alloc(0);
}

async function appendSafely(path: string, text: string): Promise<void> {
  await appendFile(path, text, { flush: true });
}

/** A trial that failed before has a line already: the file is rewritten beside and swapped. */
async function replace(path: string, results: readonly TrialResult[]): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, results.map(lineOf).join(""), { flush: true });
  await rename(beside, path);
}

async function truncate(path: string, bytes: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function lineOf(result: TrialResult): string {
  return `${JSON.stringify(result)}\n`;
}

async function stored<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new PlannerError(
      "storage",
      `${path} could not be used (${messageOf(error)}); check the folder and the free space`,
      { cause: error },
    );
  }
}
