import { assembleCohort } from "#core/cohort/assembleCohort.ts";
import type { CaseSummary, Cohort, Pairing } from "#core/cohort/cohort.ts";
import { summaryAsRead } from "#core/cohort/preparedSummary.ts";
import type { CohortSettings } from "#core/cohort/settings.ts";
import { PlannerError } from "#core/errors.ts";
import type { JobContext } from "./host.ts";
import { prepared } from "./readCohort.ts";
import type { VoxelStore } from "./voxelStore.ts";

/**
 * A stored cohort with other settings, as far as they need no file: patients, cases that are
 * left out, preprocessing. It is stored besides the one it was made of, whose voxels it shares.
 *
 * @throws PlannerError "storage" when the cohort or its voxels are gone
 */
export async function reviseCohort(
  store: VoxelStore,
  cohortId: string,
  settings: CohortSettings,
  { signal, gate, report }: JobContext<"reviseCohort">,
): Promise<Cohort> {
  const before = await store.getCohort(cohortId);
  if (!before) {
    throw new PlannerError(
      "storage",
      "the cohort's volumes are no longer stored in this browser; open its files again",
    );
  }
  const cases: CaseSummary[] = [];
  for (const one of before.cases) {
    await gate();
    signal.throwIfAborted();
    const { excluded: _, ...asRead } = summaryAsRead(one);
    const edit = settings.cases[one.id];
    const next = { ...asRead, patient: edit?.patient ?? one.patient };
    const summary = await prepared(store, next, settings.preprocessing);
    cases.push(edit?.excluded ? { ...summary, excluded: true } : summary);
    report({ done: cases.length, total: before.cases.length, caseId: one.id });
  }
  const pairing: Pairing = {
    layout: before.layout,
    pairs: [],
    problems: before.problems,
    labelNames: before.labelNames,
    ignoreLabel: before.ignoreLabel ?? null,
    choices: before.choices ?? { images: [], masks: [] },
  };
  const cohort = assembleCohort(before.name, pairing, cases, settings);
  await store.putCohort(cohort);
  return cohort;
}
