import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { slicesPerVolume } from "#core/experiment/budget.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { chosenVolumes, splitCohort } from "#core/experiment/split.ts";
import { targetLabels } from "#core/experiment/target.ts";
import type { Jobs } from "#workers/protocol.ts";
import type { Choice } from "./ChoicePanel.tsx";

/** What a worker is asked. */
export type Question = Jobs["compareSelections"]["input"];

/** The slices a trial would pick from, and by which rules; or why there are none, in words. */
export function questionOf(
  cohort: Cohort,
  { split, target }: Pick<Experiment, "split" | "target">,
  { strategies, density, volumeFraction, seed, selection }: Choice,
): { readonly question: Question | null; readonly problem: string | null } {
  try {
    const usable = cohort.cases.filter(isUsable);
    const caseIds = chosenVolumes(splitCohort(usable, split), volumeFraction, seed);
    for (const { id, shape } of usable) {
      if (caseIds.includes(id)) slicesPerVolume(density, shape?.[0] ?? 0);
    }
    const { scope, quota } = selection;
    const question = {
      source: { cohortId: cohort.id, caseIds, labels: targetLabels(target) },
      rules: strategies.map((strategy) => ({ strategy, density, scope, quota })),
      seed,
    };
    return { question, problem: null };
  } catch (error) {
    if (error instanceof PlannerError) return { question: null, problem: messageOf(error) };
    throw error;
  }
}
