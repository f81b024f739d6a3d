import { describe, expect, it } from "vitest";
import { relativeDifference } from "../../../testing/difference.ts";
import { lossExamples } from "../../../testing/lossReference.ts";
import { hasShared } from "../../../testing/reference.ts";
import { fullLoss, lossReference } from "./loss.reference.ts";

describe.skipIf(!hasShared)("the loss in plain loops", () => {
  const examples = hasShared ? lossExamples() : [];

  it("covers weighted cross entropy, Dice and focal, whole and masked", () => {
    expect(examples.length).toBeGreaterThanOrEqual(29);
  });

  it.each(examples)("is the reference's $name", (one) => {
    const { loss, gradient } = lossReference(
      Float64Array.from(one.logits),
      one.labels,
      one.classes,
      one.spec,
      one.samples,
    );
    expect(Math.abs(loss - one.value)).toBeLessThan(1e-7 * Math.max(1, one.value));
    expect(relativeDifference(gradient, one.gradient)).toBeLessThan(1e-6);
  });
});

describe("fullLoss", () => {
  it("refuses weights that are not one per class", () => {
    expect(() => fullLoss({ crossEntropy: 1, dice: 0, classWeights: [1] }, 2)).toThrow(
      "class weights must be 2, got 1",
    );
  });
});
