import { METHOD_VERSION } from "#core/results/result.ts";
import type { CohortView } from "../pool/poolMessages.ts";
import type { QueuedExperiment } from "./queuedExperiments.ts";

/** Why a machine must not run an experiment's trials: in words, naming what differs. */
export function whyNotThisCohort(
  { experiment, cohort: wanted, methodVersion }: QueuedExperiment,
  found: CohortView,
): string {
  const name = `the experiment "${experiment.name}" on the queue`;
  if (wanted.id === found.id) {
    return `${name} is of method version ${methodVersion}, this program has ${METHOD_VERSION}; use the same program on every machine`;
  }
  const here = new Map(found.cases.map((one) => [one.case, one.fingerprint]));
  const missing = wanted.cases.filter((one) => !here.has(one.case)).map((one) => one.case);
  const other = wanted.cases
    .filter((one) => here.has(one.case) && here.get(one.case) !== one.fingerprint)
    .map((one) => one.case);
  const known = new Set(wanted.cases.map((one) => one.case));
  const extra = found.cases.filter((one) => !known.has(one.case)).map((one) => one.case);
  const parts = [
    listed("cases are missing here", missing),
    listed("cases have other voxels", other),
    listed("cases are only here", extra),
  ].filter((part) => part !== null);
  return `${name} needs another cohort than this folder holds: ${parts.join("; ") || "their cases stand in another order"}; give every machine the same files`;
}

function listed(what: string, cases: readonly string[]): string | null {
  if (cases.length === 0) return null;
  const shown = cases.slice(0, 5).join(", ");
  return `${cases.length} ${what} (${shown}${cases.length > 5 ? ", ..." : ""})`;
}
