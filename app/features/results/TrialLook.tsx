import { Button, Group } from "@mantine/core";
import type { Experiment } from "#core/experiment/experiment.ts";
import { strategyLabels } from "#core/experiment/methods.ts";
import { classLabels } from "#core/experiment/target.ts";
import type { TrialResult } from "#core/results/result.ts";
import { formatScore } from "../../ui/format.ts";
import type { CaseViewProps, MaskLayer } from "../../viewer/caseView.ts";

/** A case of a trial that somebody wants to see. */
export interface TrialLook {
  readonly title: string;
  readonly caseId: string;
  readonly layers: readonly MaskLayer[];
  readonly chosen: NonNullable<CaseViewProps["chosen"]>;
}

type CaseScore = NonNullable<TrialResult["iou"]>["perCase"][number];

/** The test cases of a trial with the highest, the middle and the lowest IoU. */
export function rankedCases({ iou }: TrialResult): readonly { name: string; score: CaseScore }[] {
  const scored = (iou?.perCase ?? [])
    .filter((one) => one.iou !== null)
    .sort((a, b) => (b.iou ?? 0) - (a.iou ?? 0) || (a.case < b.case ? -1 : 1));
  const at = (name: string, index: number) => {
    const score = scored[index];
    return score ? [{ name, score }] : [];
  };
  if (scored.length < 3) return scored.flatMap((_, index) => at(`${index + 1}`, index));
  const last = scored.length - 1;
  return [...at("best", 0), ...at("median", Math.floor(last / 2)), ...at("worst", last)];
}

/** How a test case of a trial is shown. */
export function testLook(name: string, score: CaseScore, experiment: Experiment | null): TrialLook {
  return {
    title: `${score.case}: IoU ${formatScore(score.iou)}, ${name} test case`,
    caseId: score.case,
    layers: [referenceLayer(experiment)],
    chosen: [],
  };
}

/** How an annotated volume of a trial is shown: its chosen slices, and the masks between them. */
export function annotatedLook(
  result: TrialResult,
  at: number,
  experiment: Experiment | null,
): TrialLook | null {
  const one = result.chosen?.[at];
  if (!one) return null;
  const { strategy, interpolator } = result.configuration;
  const classes = experiment ? classLabels(experiment.target) : null;
  const reference = referenceLayer(experiment);
  const filled: MaskLayer | null =
    interpolator === "none" || !classes
      ? null
      : {
          key: "interpolated",
          name: "Interpolated",
          source: { kind: "interpolated", classes, interpolator, slices: one.slices },
          look: { kind: "mask", colour: 1 },
        };
  const difference: MaskLayer | null = filled && {
    key: "difference",
    name: "Reference and interpolated",
    source: { kind: "difference", first: reference.source, second: filled.source },
    look: { kind: "difference", first: "reference", second: "interpolated" },
    isOff: true,
  };
  return {
    title: `${one.case}: ${one.slices.length} annotated slices`,
    caseId: one.case,
    layers: [reference, filled, difference].flatMap((layer) => layer ?? []),
    chosen: [{ key: strategy, name: strategyLabels[strategy], slices: one.slices, look: 0 }],
  };
}

function referenceLayer(experiment: Experiment | null): MaskLayer {
  return {
    key: "reference",
    name: "Reference",
    source: { kind: "reference", classes: experiment ? classLabels(experiment.target) : null },
    look: { kind: "mask", colour: 0 },
  };
}

interface LookButtonsProps {
  readonly result: TrialResult;
  readonly experiment: Experiment | null;
  readonly onLook: (look: TrialLook) => void;
}

/** One click to the best, the median and the worst test case, and to what was annotated. */
export function LookButtons({ result, experiment, onLook }: LookButtonsProps) {
  const annotated = annotatedLook(result, 0, experiment);
  const ranked = rankedCases(result);
  if (ranked.length === 0 && !annotated) return "-";
  return (
    <Group gap={4} wrap="nowrap">
      {ranked.map(({ name, score }) => (
        <Button
          key={name}
          size="compact-xs"
          variant="default"
          aria-label={`${name} test case of ${result.trial}`}
          onClick={() => onLook(testLook(name, score, experiment))}
        >
          {name}
        </Button>
      ))}
      {annotated ? (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`slices of ${result.trial}`}
          onClick={() => onLook(annotated)}
        >
          slices
        </Button>
      ) : null}
    </Group>
  );
}
