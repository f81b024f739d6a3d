import type { Cohort } from "#core/cohort/cohort.ts";
import type { CaseViewProps, MaskLayer } from "./caseView.ts";

const reference: MaskLayer = {
  key: "reference",
  name: "Reference",
  source: { kind: "reference", classes: null },
  look: { kind: "labels" },
};

/** A case of a cohort with its reference mask. */
export function caseLayers({ labelNames }: Cohort): Pick<CaseViewProps, "layers" | "labelNames"> {
  return { layers: [reference], labelNames };
}
