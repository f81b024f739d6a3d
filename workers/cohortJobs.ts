import type { Cohort } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { FrameDecoder } from "#core/formats/dicom/frameDecoder.ts";
import { type CohortLocks, createCohortLocks } from "./cohortLocks.ts";
import type { Handlers } from "./host.ts";
import { previewCase } from "./previewCase.ts";
import type { StorageUse } from "./protocol.ts";
import { readCohort } from "./readCohort.ts";
import { reviseCohort } from "./reviseCohort.ts";
import type { VoxelStore } from "./voxelStore.ts";

/** What cohort jobs need of the browser; each part may be missing. */
export interface CohortTools {
  /** Of the browser, where it has them. */
  readonly locks?: LockManager | undefined;
  /** Decodes compressed DICOM pixels. */
  readonly decoder?: () => Promise<FrameDecoder>;
  /** What the browser lends this origin. */
  readonly estimate?: () => Promise<StorageEstimate>;
}

/**
 * Jobs around cohorts on a store, which is opened with the first of them. A cohort that was
 * read or opened stays this page's until `keepCohorts` is called without it; what other
 * pages use is not freed.
 *
 */
export function cohortJobs(open: () => Promise<VoxelStore>, tools: CohortTools = {}): Handlers {
  const pages = createCohortLocks(tools.locks);
  return {
    readCohort: async (input, context) => ({
      output: await pages.reading(async () => {
        const store = await open();
        const reading = {
          store,
          decoder: tools.decoder ?? noDecoder,
          freeSpace: spaceMaker(store, pages, input.needed),
        };
        const found = await readCohort(reading, input, context);
        await pages.hold(found.cohort.id);
        return found;
      }),
    }),
    reviseCohort: async ({ cohortId, settings }, context) => ({
      output: await pages.reading(async () => {
        const cohort = await reviseCohort(await open(), cohortId, settings, context);
        await pages.hold(cohort.id);
        return cohort;
      }),
    }),
    previewCase: async ({ cohortId, caseId, preprocessing }) => {
      const store = await open();
      const cohort = await store.getCohort(cohortId);
      if (!cohort) {
        throw new PlannerError(
          "storage",
          "the cohort's volumes are no longer stored in this browser; open its files again",
        );
      }
      return { output: await previewCase(store, cohort, caseId, preprocessing) };
    },
    storage: async () => ({ output: await storageUse(await open(), tools.estimate) }),
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

function noDecoder(): Promise<FrameDecoder> {
  return Promise.reject(
    new PlannerError("format", "compressed DICOM pixels cannot be decoded here; convert them"),
  );
}

/**
 * Frees cohorts that neither unfinished work nor another page needs, at most once.
 *
 * @param needed - absent: nobody said what is needed, so nothing is freed
 */
function spaceMaker(
  store: VoxelStore,
  pages: CohortLocks,
  needed: readonly string[] | undefined,
): () => Promise<boolean> {
  let isDone = needed === undefined;
  return async () => {
    if (isDone) return false;
    isDone = true;
    const others = (await store.cohortIds()).filter((id) => !needed?.includes(id));
    const gone: Cohort[] = [];
    const inUse = await pages.inUse(others);
    for (const id of others.filter((other) => !inUse.includes(other))) {
      const cohort = await store.getCohort(id);
      if (cohort) gone.push(cohort);
    }
    if (gone.length === 0) return false;
    await store.forget(gone, [...(needed ?? []), ...inUse]);
    return true;
  };
}

async function storageUse(
  store: VoxelStore,
  estimate: CohortTools["estimate"],
): Promise<StorageUse> {
  const found = await estimate?.().catch(() => null);
  return {
    used: found?.usage ?? null,
    quota: found?.quota ?? null,
    volumes: await store.bytes(),
    inMemory: store.inMemory,
  };
}
