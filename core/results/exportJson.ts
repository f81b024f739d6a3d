import { type CaseSummary, type Cohort, isUsable } from "../cohort/cohort.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { METHOD_VERSION, RESULT_SCHEMA_VERSION, type TrialResult } from "./result.ts";

/** A case as exports describe it: nothing of where its files lie. */
type ExportedCase = Pick<
  CaseSummary,
  "id" | "patient" | "shape" | "spacing" | "labels" | "fingerprint"
> & { readonly usable: boolean };

/** An experiment with its results, for other programs. */
export interface ResultsExport {
  readonly schemaVersion: number;
  readonly methodVersion: string;
  readonly experiment: Experiment;
  readonly cohort: {
    readonly name: string;
    readonly labelNames: Readonly<Record<number, string>>;
    readonly cases: readonly ExportedCase[];
  };
  readonly results: readonly TrialResult[];
}

/**
 * What a results file holds: enough to read the numbers and to see which data they are of.
 * Paths and problems, which quote paths, stay out.
 */
export function exportJson(
  experiment: Experiment,
  cohort: Cohort,
  results: readonly TrialResult[],
): ResultsExport {
  const { name, labelNames } = cohort;
  const cases = cohort.cases.map((one) => {
    const { id, patient, shape, spacing, labels, fingerprint } = one;
    return { id, patient, shape, spacing, labels, fingerprint, usable: isUsable(one) };
  });
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    methodVersion: METHOD_VERSION,
    experiment,
    cohort: { name, labelNames, cases },
    results,
  };
}
