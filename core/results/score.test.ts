import { describe, expect, it } from "vitest";
import { parseExperiment } from "../experiment/experiment.ts";
import { caseScoreOf, scoredTarget, trialScoreOf } from "./score.ts";

const lists = { densities: [0.1], volumeFractions: [1], strategies: ["fixedInterval"] };
const targetOf = (target: unknown) => scoredTarget(parseExperiment({ ...lists, target }).target);
const liver = { tp: 6, fp: 2, fn: 2 };
const tumour = { tp: 1, fp: 1, fn: 2 };
const nothing = { tp: 0, fp: 0, fn: 0 };

describe("scores of a trial", () => {
  it("are of one class what they always were, without a word on classes", () => {
    const target = targetOf({ labels: [1, 2] });
    expect(target).toEqual({ names: ["label 1 + 2"], scored: [1] });
    const perCase = [caseScoreOf("a", [liver], target), caseScoreOf("b", [nothing], target)];
    expect(perCase).toEqual([
      { case: "a", ...liver, iou: 0.6 },
      { case: "b", ...nothing, iou: null },
    ]);
    expect(trialScoreOf(perCase, target)).toEqual({ mean: 0.6, pooled: 0.6, perCase });
  });

  it("are of several classes the mean over them, each kept", () => {
    const target = targetOf({ classes: [{ name: "liver", labels: [1] }, { labels: [2] }] });
    const perCase = [
      caseScoreOf("a", [liver, tumour], target),
      caseScoreOf("b", [liver, nothing], target),
    ];
    expect(perCase[0]).toEqual({
      case: "a",
      ...{ tp: 7, fp: 3, fn: 4 },
      iou: (0.6 + 0.25) / 2,
      classes: [
        { ...liver, iou: 0.6 },
        { ...tumour, iou: 0.25 },
      ],
    });
    expect(perCase[1]?.iou).toBe(0.6);
    const { mean, pooled, classes } = trialScoreOf(perCase, target);
    expect(mean).toBeCloseTo((0.425 + 0.6) / 2, 12);
    expect(pooled).toBeCloseTo((0.6 + 0.25) / 2, 12);
    expect(classes).toEqual([
      { name: "liver", mean: 0.6, pooled: 0.6 },
      { name: "label 2", mean: 0.25, pooled: 0.25 },
    ]);
  });

  it("are of the class that is scored, when one is", () => {
    const target = targetOf({ classes: [{ labels: [1] }, { labels: [2] }], score: 2 });
    const perCase = [caseScoreOf("a", [liver, tumour], target)];
    expect(perCase[0]).toMatchObject({ ...tumour, iou: 0.25 });
    expect(trialScoreOf(perCase, target)).toMatchObject({ mean: 0.25, pooled: 0.25 });
  });

  it("are undefined where nothing is", () => {
    const target = targetOf({ classes: [{ labels: [1] }, { labels: [2] }] });
    const perCase = [caseScoreOf("a", [nothing, nothing], target)];
    expect(trialScoreOf(perCase, target)).toMatchObject({ mean: null, pooled: null });
  });
});
