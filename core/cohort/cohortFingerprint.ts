import { hashText } from "../hash.ts";
import type { CaseSummary } from "./cohort.ts";

/**
 * A name for everything of a cohort that decides results: ids, patients and voxels of its
 * cases, in whatever order they stand. Cases that were not read count by their id alone.
 *
 * @returns 16 hexadecimal digits
 */
export function cohortFingerprint(
  cases: readonly Pick<CaseSummary, "id" | "patient" | "fingerprint">[],
): string {
  const rows = cases.map(({ id, patient, fingerprint }) =>
    JSON.stringify([id, patient, fingerprint]),
  );
  return hashText(rows.sort().join("\n"));
}
