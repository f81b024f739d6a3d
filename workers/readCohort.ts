import { assembleCohort } from "#core/cohort/assembleCohort.ts";
import { type CaseSummary, isUsable, type Pair, type Problem } from "#core/cohort/cohort.ts";
import type { Folder } from "#core/cohort/folder.ts";
import { type CohortPlan, planCohort } from "#core/cohort/planCohort.ts";
import { preparedSummary, summaryAsRead } from "#core/cohort/preparedSummary.ts";
import { unreadCase } from "#core/cohort/unreadCase.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { FrameDecoder } from "#core/formats/dicom/frameDecoder.ts";
import { changesGrid } from "#core/volume/preprocessing.ts";
import type { JobContext } from "./host.ts";
import type { CohortFile, Jobs, ReadCohort } from "./protocol.ts";
import type { VoxelStore } from "./voxelStore.ts";

/** What reading needs beside files. */
export interface ReadingTools {
  readonly store: VoxelStore;
  readonly decoder: () => Promise<FrameDecoder>;
  /** Frees stored cohorts that nobody needs; false when there were none. */
  freeSpace(): Promise<boolean>;
}

/**
 * A cohort from files: paired, read and stored one case after the other, so that memory holds
 * one case at a time. A case whose files have not changed since they were stored is not read
 * again. What is wrong with a file stays with its case.
 *
 * @throws PlannerError "cohort" when no image is among the files, saying what is
 * @throws PlannerError "storage" when not even the list of cases can be kept
 */
export async function readCohort(
  tools: ReadingTools,
  { name, files, settings }: Jobs["readCohort"]["input"],
  { signal, gate, report }: JobContext<"readCohort">,
): Promise<ReadCohort> {
  const { store } = tools;
  const plan = await planCohort(folderOf(files), name, settings ?? null, {
    decoder: tools.decoder,
    signal,
    looked: (done, total) => {
      if (done % 50 === 0) report({ done, total, caseId: "", looking: true });
    },
  });
  const known = await store.casesBySource();
  const { pairs } = plan.pairing;
  const cases: CaseSummary[] = [];
  let unchanged = 0;
  for (const pair of pairs) {
    await gate();
    signal.throwIfAborted();
    const source = plan.sourceOf(pair);
    const stored = source === null ? undefined : known.get(source);
    const again = stored ? await reused(store, stored, pair, plan) : null;
    if (again) unchanged++;
    const summary = again ?? (await takeIn(tools, plan, pair));
    cases.push(source === null ? summary : { ...summary, source });
    report({ done: cases.length, total: pairs.length, caseId: pair.id });
  }
  const cohort = assembleCohort(plan.name, plan.pairing, cases, plan.settings);
  await store.putCohort(cohort);
  return { cohort, places: Object.fromEntries(plan.places), unchanged };
}

/** Files of the page as a folder. */
function folderOf(files: readonly CohortFile[]): Folder {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return {
    files: files.map(({ path, file, modified }) => ({
      path,
      bytes: file.size,
      ...(modified === undefined ? {} : { modified }),
    })),
    read: async (path, end) => {
      const file = byPath.get(path);
      if (!file) throw new PlannerError("format", `${path} is not among the files`);
      try {
        const part = end === undefined ? file : file.slice(0, end);
        return new Uint8Array(await part.arrayBuffer());
      } catch (cause) {
        throw new PlannerError(
          "format",
          `the file could not be read (${messageOf(cause)}); it may have been moved, changed or ` +
            "be too large for memory",
          { cause },
        );
      }
    },
  };
}

/** A stored case under the names of a pair; null when its voxels are gone. */
async function reused(
  store: VoxelStore,
  stored: CaseSummary,
  pair: Pair,
  plan: CohortPlan,
): Promise<CaseSummary | null> {
  if (pair.excluded) return null;
  const asRead = summaryAsRead(stored);
  if (!(await store.hasCase(asRead))) return null;
  // What pairing said of the case is said anew when the cohort is put together.
  const { id, patient, image: imagePath, mask: maskPath } = pair;
  const own = { ...asRead, id, patient, imagePath, maskPath };
  return prepared(store, own, plan.settings.preprocessing);
}

/** The summary that trials see; voxels are looked at only where the grid changes. */
export async function prepared(
  store: VoxelStore,
  asRead: CaseSummary,
  preprocessing: CohortPlan["settings"]["preprocessing"],
): Promise<CaseSummary> {
  if (!changesGrid(preprocessing) || !isUsable(asRead)) return asRead;
  const { image, labels } = await store.getCase(asRead);
  return preparedSummary(asRead, image, labels, preprocessing);
}

/** Reads and stores one case. */
async function takeIn(
  { store, freeSpace }: ReadingTools,
  plan: CohortPlan,
  pair: Pair,
): Promise<CaseSummary> {
  if (pair.excluded) return unreadCase(pair, []);
  const { summary, image, labels, scaling } = await plan.read(pair);
  if (!isUsable(summary) || !image || !labels) return summary;
  const { preprocessing } = plan.settings;
  const put = () => store.putCase(summary, { image, labels: labels.voxels, scaling });
  try {
    try {
      await put();
    } catch (error) {
      // Full: older volumes that no unfinished work needs make room, once.
      if (!(await freeSpace())) throw error;
      await put();
    }
    return preparedSummary(summary, image, labels.voxels, preprocessing);
  } catch (error) {
    const message = `the case was read but not kept: ${messageOf(error)}`;
    const problem: Problem = { severity: "error", message, paths: [pair.image] };
    return { ...summary, problems: [...summary.problems, problem] };
  }
}
