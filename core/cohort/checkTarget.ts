import { type CaseSummary, isUsable, type Problem } from "./cohort.ts";

/**
 * What is wrong with a choice of target labels in a cohort: labels that occur nowhere, no case
 * to use at all, and cases without any target voxel, which score as empty.
 */
export function checkTarget(
  cases: readonly CaseSummary[],
  targetLabels: readonly number[],
): Problem[] {
  const usable = cases.filter(isUsable);
  if (usable.length === 0) {
    const message = "no case has an image and a mask that can be used; see the table for why";
    return [{ severity: "error", message, paths: [] }];
  }
  const present = new Set(usable.flatMap(({ labels }) => labels.map(({ label }) => label)));
  const absent = targetLabels.filter((label) => !present.has(label));
  const problems: Problem[] = absent.map((label) => ({
    severity: absent.length === targetLabels.length ? "error" : "warning",
    message: `label ${label} occurs in no case; choose among ${listed([...present])}`,
    paths: [],
  }));
  // Every case would be named then, and the label's own problem says it better.
  if (absent.length === targetLabels.length) return problems;
  for (const { id, labels, maskPath } of usable) {
    if (labels.some(({ label }) => targetLabels.includes(label))) continue;
    const message = `case ${id} has no voxel of the target`;
    problems.push({ severity: "warning", message, paths: maskPath === null ? [] : [maskPath] });
  }
  return problems;
}

function listed(labels: number[]): string {
  return labels.length === 0 ? "none" : labels.sort((a, b) => a - b).join(", ");
}
