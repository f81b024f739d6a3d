import type { CaseSummary, Cohort, Pairing, Problem } from "./cohort.ts";
import { cohortFingerprint } from "./cohortFingerprint.ts";
import { areDefault, type CohortSettings } from "./settings.ts";

/**
 * A cohort from its pairing and the cases that were read. Problems that pairing found go to
 * the cases whose files they are about; the rest stays with the cohort.
 *
 * @param cases - one per pair of the pairing, in its order
 */
export function assembleCohort(
  name: string,
  { layout, labelNames, problems, ignoreLabel, choices }: Pairing,
  cases: readonly CaseSummary[],
  settings?: CohortSettings,
): Cohort {
  const isAbout = ({ paths }: Problem, { imagePath, maskPath }: CaseSummary) =>
    paths.includes(imagePath) || (maskPath !== null && paths.includes(maskPath));
  const ofCases = cases.map((one) => {
    const own = problems.filter((problem) => isAbout(problem, one));
    return own.length === 0 ? one : { ...one, problems: [...own, ...one.problems] };
  });
  const { preprocessing } = settings ?? {};
  const ignored = ignoreLabel === null ? {} : { ignoreLabel };
  return {
    id: cohortFingerprint(cases, { preprocessing, ...ignored }),
    name,
    layout,
    labelNames,
    cases: ofCases,
    problems: problems.filter((problem) => !cases.some((one) => isAbout(problem, one))),
    ...ignored,
    choices,
    ...(settings && !areDefault(settings) ? { settings } : {}),
  };
}
