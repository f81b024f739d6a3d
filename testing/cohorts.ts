import type { CaseSummary, Cohort } from "#core/cohort/cohort.ts";

/** A usable case of 1 mm voxels. */
export function caseSummary(id: string, change: Partial<CaseSummary> = {}): CaseSummary {
  return {
    id,
    patient: id,
    imagePath: `images/${id}.nii.gz`,
    maskPath: `labels/${id}.nii.gz`,
    shape: [20, 32, 48],
    spacing: [1, 1, 1],
    orientation: { stored: "RAS", canonical: "RAS" },
    dataType: "int16",
    intensity: { min: 0, max: 100, mean: 50 },
    labels: [{ label: 1, voxels: 500 }],
    fingerprint: `print of ${id}`,
    problems: [],
    ...change,
  };
}

/** A cohort of usable cases. */
export function cohortOf(
  ids: readonly string[],
  change: Partial<CaseSummary> = {},
  id = "cohort",
): Cohort {
  const cases = ids.map((one) => caseSummary(one, change));
  return { id, name: "Test cohort", layout: "images-labels", labelNames: {}, cases, problems: [] };
}
