import { appendFile, mkdir, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { EXPERIMENT_FILE } from "#core/results/openedResults.ts";
import { METHOD_VERSION, type TrialResult } from "#core/results/result.ts";
import { RESULTS_FILE, resultLines } from "#core/results/resultLines.ts";
import type { ResultStore } from "#core/results/resultStore.ts";
import { withFileLock } from "./fileLock.ts";

export interface ResultsFile extends ResultStore {
  /** What opening had to mend, in words; null when nothing. */
  readonly mended: string | null;
}

/**
 * The results of an experiment in a folder: `results.jsonl` with one line per trial, and a
 * copy of the experiment beside it. A line is on the disk before `put` resolves. A last
 * line that was cut short by a crash is taken off; nothing else is ever lost, nor what another
 * run writes to the same folder at the same time: the file is read again before every change,
 * and only one process changes it at once.
 *
 * @param fingerprint - `experimentFingerprint` of what is about to run
 * @throws PlannerError "results" when the folder holds another experiment or its results, or
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
  const alone = <T>(act: () => Promise<T>) => stored(path, () => withFileLock(`${path}.lock`, act));
  const read = async () => {
    const content = await textOf(path);
    const text = content.toString("utf8");
    const lines = resultLines(path, text);
    const good = Buffer.byteLength(text.slice(0, lines.good));
    return { ...lines, good, bytes: content.length };
  };
  const file = new KnownFile(path, async () => (await read()).results);

  const cut = await alone(async () => {
    const { results, good, bytes, needsNewline } = await read();
    requireSame(folder, results, fingerprint);
    await keepExperiment(folder, experiment, fingerprint);
    if (good < bytes) await truncate(path, good);
    if (needsNewline) await appendSafely(path, "\n");
    return bytes - good;
  });
  return {
    mended:
      cut > 0
        ? `the last line of ${path} was cut short (${cut} bytes) and was taken off; its trial runs again`
        : null,
    put: (result) => alone(() => file.put(result)),
    all: async (wanted) => (await read()).results.filter(({ experiment }) => experiment === wanted),
  };
}

/**
 * A results file of which it is remembered which trials it holds: as long as nobody else
 * changed it, a result costs a line and not a look at all the others.
 */
class KnownFile {
  readonly #path: string;
  readonly #read: () => Promise<readonly TrialResult[]>;
  readonly #trials = new Set<string>();
  #state = "";

  constructor(path: string, read: () => Promise<readonly TrialResult[]>) {
    this.#path = path;
    this.#read = read;
  }

  async put(result: TrialResult): Promise<void> {
    if ((await this.#stateNow()) !== this.#state) {
      this.#trials.clear();
      for (const { trial } of await this.#read()) this.#trials.add(trial);
    }
    if (this.#trials.has(result.trial)) await replace(this.#path, await this.#read(), result);
    else await appendSafely(this.#path, lineOf(result));
    this.#trials.add(result.trial);
    this.#state = await this.#stateNow();
  }

  /** Size, time and identity of the file; another where anybody wrote to it. */
  async #stateNow(): Promise<string> {
    const one = await stat(this.#path, { bigint: true }).catch(() => null);
    return one ? `${one.size} ${one.mtimeNs} ${one.ino}` : "none";
  }
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

/**
 * Keeps a copy of the experiment, unless a file of that name is somebody's own.
 *
 * @throws PlannerError "results" when the copy is of another experiment
 */
async function keepExperiment(
  folder: string,
  experiment: Experiment,
  fingerprint: string,
): Promise<void> {
  const path = join(folder, EXPERIMENT_FILE);
  const content = await textOf(path);
  const known = content.length === 0 ? fingerprint : fingerprintIn(content);
  if (known === null) return;
  if (known !== fingerprint) {
    throw new PlannerError(
      "results",
      `${path} is the copy of another experiment (${known}, this one is ${fingerprint}); choose ` +
        "another output folder, or delete the file when nothing of that run is wanted",
    );
  }
  await writeFile(path, `${JSON.stringify({ ...experiment, fingerprint }, null, 2)}\n`);
}

/** The fingerprint a copy carries; null in a file that is no copy of ours. */
function fingerprintIn(content: Buffer): string | null {
  try {
    const known: unknown = JSON.parse(content.toString("utf8"));
    const isCopy = typeof known === "object" && known !== null && "fingerprint" in known;
    return isCopy && typeof known.fingerprint === "string" ? known.fingerprint : null;
  } catch {
    return null;
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
async function replace(
  path: string,
  results: readonly TrialResult[],
  result: TrialResult,
): Promise<void> {
  const beside = `${path}.new`;
  const lines = results.map((one) => lineOf(one.trial === result.trial ? result : one));
  await writeFile(beside, lines.join(""), { flush: true });
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
    if (error instanceof PlannerError) throw error;
    throw new PlannerError(
      "storage",
      `${path} could not be used (${messageOf(error)}); check the folder and the free space`,
      { cause: error },
    );
  }
}
