import { describe, expect, it } from "vitest";
import { expectIndependent, expectSlope } from "../../testing/networkChecks.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { weightCount } from "../weights.ts";
import { segResNet } from "./segResNet.ts";

const small = segResNet({ classes: 2, width: 4, groups: 2, down: [1, 1, 1], up: [1, 1] });

describe("segResNet", () => {
  it.each([
    { width: 8, count: 1_176_186 },
    { width: 16, count: 4_700_914 },
    { width: 32, count: 18_796_002 },
  ])("of width $width has $count weights", ({ count, width }) => {
    const network = segResNet({ classes: 2, width });
    const description = describeNetwork(network, [1, 8, 8, 16, 1]);
    expect(weightCount(description)).toBe(count);
    expect(description.output).toEqual([1, 8, 8, 16, 2]);
  });

  it("refuses a width that its groups do not divide", () => {
    const network = segResNet({ classes: 2, width: 12 });
    expect(() => describeNetwork(network, [1, 8, 8, 8, 1])).toThrow(
      "must have groups of whole channels, got 12 channels in 8 groups",
    );
  });

  it("has a gradient in every weight, the slope of its loss", () => {
    expectSlope(small, [2, 4, 4, 8, 1], 2);
  });

  it("predicts the same whatever stands beside in the batch", () => {
    expectIndependent(small, [2, 4, 4, 8, 1]);
  });
});
