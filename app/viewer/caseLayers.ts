import type { Cohort } from "#core/cohort/cohort.ts";
import { classLabels, type Target } from "#core/experiment/target.ts";
import type { CaseViewProps } from "./caseView.ts";

/** A case of a cohort with its reference mask, and the part of it that trials segment. */
export function caseLayers(
  { labelNames }: Cohort,
  target: Target,
): Pick<CaseViewProps, "layers" | "labelNames"> {
  return {
    layers: [
      {
        key: "reference",
        name: "Reference",
        source: { kind: "reference", classes: null },
        look: { kind: "labels" },
      },
      {
        key: "target",
        name: "Target",
        source: { kind: "reference", classes: classLabels(target) },
        look: { kind: "mask", colour: 3 },
        isOff: true,
      },
    ],
    labelNames,
  };
}
