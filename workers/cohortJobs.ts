import { assembleCohort } from "#core/cohort/assembleCohort.ts";
import type { CaseSummary, Cohort, Pair, Problem } from "#core/cohort/cohort.ts";
import { isUsable } from "#core/cohort/cohort.ts";
import { type CohortTexts, cohortTextPaths, pairFiles } from "#core/cohort/pairFiles.ts";
import { type CaseReading, readCase } from "#core/cohort/readCase.ts";
import { unreadCase } from "#core/cohort/unreadCase.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { createCohortLocks } from "./cohortLocks.ts";
import type { Handlers, JobContext } from "./host.ts";
import type { Jobs } from "./protocol.ts";
import type { VoxelStore } from "./voxelStore.ts";

/**
 * Jobs around cohorts on a store, which is opened with the first of them. A cohort that was
 * read or opened stays this page's until `keepCohorts` is called without it; what other
 * pages use is not freed.
 *
 * @param locks - of the browser, where it has them
 */
export function cohortJobs(open: () => Promise<VoxelStore>, locks?: LockManager): Handlers {
  const pages = createCohortLocks(locks);
  return {
    readCohort: async (input, context) => ({
      output: await pages.reading(async () => {
        const cohort = await readCohort(await open(), input, context);
        await pages.hold(cohort.id);
        return cohort;
      }),
    }),
    openCohort: async ({ cohortId }) => {
      await pages.hold(cohortId);
      return { output: await (await open()).getCohort(cohortId) };
    },
    keepCohorts: async ({ cohortIds }) => {
      const store = await open();
      await pages.letGo(cohortIds);
      const others = (await store.cohortIds()).filter((id) => !cohortIds.includes(id));
      await pages.freeing(others, (inUse) => store.keep([...cohortIds, ...inUse]));
      return { output: null };
    },
  };
}

type Files = ReadonlyMap<string, Blob>;

/**
 * A cohort from files: paired by their names, read and stored one case after the other, so
 * that memory holds one case at a time. What is wrong with a file stays with its case.
 *
 * @throws PlannerError "cohort" when no image is among the files, saying what is
 * @throws PlannerError "storage" when not even the list of cases can be kept
 */
async function readCohort(
  store: VoxelStore,
  { name, files }: Jobs["readCohort"]["input"],
  { signal, gate, report }: JobContext<"readCohort">,
): Promise<Cohort> {
  const byPath: Files = new Map(files.map(({ path, file }) => [path, file]));
  const listed = files.map(({ path, file }) => ({ path, bytes: file.size }));
  const { texts, problems } = await readTexts(byPath, cohortTextPaths(listed));
  const pairing = pairFiles(listed, texts);
  const all = { ...pairing, problems: [...problems, ...pairing.problems] };
  if (pairing.pairs.length === 0) {
    throw new PlannerError("cohort", all.problems.map(({ message }) => message).join("; "));
  }
  const cases: CaseSummary[] = [];
  for (const pair of pairing.pairs) {
    await gate();
    signal.throwIfAborted();
    cases.push(await takeIn(store, pair, byPath));
    report({ done: cases.length, total: pairing.pairs.length, caseId: pair.id });
  }
  const cohort = assembleCohort(name, all, cases);
  await store.putCohort(cohort);
  return cohort;
}

async function readTexts(
  files: Files,
  paths: ReturnType<typeof cohortTextPaths>,
): Promise<{ readonly texts: CohortTexts; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const text = async (path: string | null) => {
    try {
      return path === null ? undefined : await files.get(path)?.text();
    } catch (error) {
      const message = `${path} could not be read (${messageOf(error)}); cases load without it`;
      problems.push({ severity: "warning", message, paths: path === null ? [] : [path] });
      return undefined;
    }
  };
  const texts = {
    datasetJson: await text(paths.datasetJson),
    casesCsv: await text(paths.casesCsv),
  };
  return { texts, problems };
}

/** Reads and stores one case. */
async function takeIn(store: VoxelStore, pair: Pair, files: Files): Promise<CaseSummary> {
  let reading: CaseReading;
  try {
    const image = await bytesOf(files, pair.image);
    const mask = pair.mask === null ? null : await bytesOf(files, pair.mask);
    reading = readCase(pair, { image, mask });
  } catch (error) {
    // Files that could not even be opened, or that made reading itself fail.
    const paths = pair.mask === null ? [pair.image] : [pair.image, pair.mask];
    return unreadCase(pair, [{ severity: "error", message: messageOf(error), paths }]);
  }
  const { summary, image, labels } = reading;
  if (!isUsable(summary) || !image || !labels) return summary;
  try {
    await store.putCase(summary, { image, labels: labels.voxels });
    return summary;
  } catch (error) {
    const message = `the case was read but not kept: ${messageOf(error)}`;
    const problem: Problem = { severity: "error", message, paths: [pair.image] };
    return { ...summary, problems: [...summary.problems, problem] };
  }
}

async function bytesOf(files: Files, path: string): Promise<Uint8Array> {
  const file = files.get(path);
  if (!file) throw new PlannerError("format", `${path} is not among the files`);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new PlannerError(
      "format",
      `${path} could not be read (${messageOf(cause)}); it may have been moved, changed or be ` +
        "too large for memory",
      { cause },
    );
  }
}
