import { hashText } from "../hash.ts";
import { isPlain } from "../volume/preprocessing.ts";
import type { CaseSummary } from "./cohort.ts";
import type { PrepareRules } from "./prepareCase.ts";

/**
 * A name for everything of a cohort that decides results: ids, patients and voxels of its
 * cases, in whatever order they stand, and what is done to the voxels. Cases that were not
 * read count by their id alone, those left out by choice not at all.
 *
 * @param rules - preprocessing and the ignored label; the usual ones add nothing
 * @returns 16 hexadecimal digits
 */
export function cohortFingerprint(
  cases: readonly Pick<CaseSummary, "id" | "patient" | "fingerprint" | "excluded">[],
  { preprocessing, ignoreLabel }: PrepareRules = {},
): string {
  const rows = cases
    .filter(({ excluded }) => !excluded)
    .map(({ id, patient, fingerprint }) => JSON.stringify([id, patient, fingerprint]));
  if (preprocessing && !isPlain(preprocessing)) {
    const { spacing = null, size = null, intensity = null } = preprocessing;
    rows.push(JSON.stringify({ spacing, size, intensity }));
  }
  if (ignoreLabel !== undefined) rows.push(JSON.stringify({ ignoreLabel }));
  return hashText(rows.sort().join("\n"));
}
