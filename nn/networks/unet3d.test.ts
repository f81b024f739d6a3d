import { describe, expect, it } from "vitest";
import { expectIndependent, expectSlope } from "../../testing/networkChecks.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { weightCount } from "../weights.ts";
import { unet3d } from "./unet3d.ts";

const small = unet3d({ classes: 2, base: 2 });

describe("unet3d", () => {
  it.each([
    { base: 4, classes: 3, count: 299_011 },
    { base: 8, classes: 3, count: 1_193_795 },
    { base: 16, classes: 3, count: 4_770_691 },
    { base: 32, classes: 3, count: 19_073_795 },
  ])("of base $base has $count weights", ({ count, ...options }) => {
    const description = describeNetwork(unet3d(options), [1, 8, 8, 16, 1]);
    expect(weightCount(description)).toBe(count);
    expect(description.output).toEqual([1, 8, 8, 16, options.classes]);
  });

  it("of the study has 19,069,955 weights, norms and the biases going up not counted", () => {
    const { weights } = describeNetwork(unet3d({ classes: 3, base: 32 }), [1, 8, 8, 16, 3]);
    const counted = [...weights].filter(([name]) => !/bn\.|^u\d\.bias/.test(name));
    const sizes = counted.map(([, shape]) => shape.reduce((a, b) => a * b, 1));
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(19_069_955);
  });

  it("has a gradient in every weight, the slope of its loss", () => {
    expectSlope(small, [2, 8, 8, 16, 1], 2);
  });

  it("predicts the same whatever stands beside in the batch", () => {
    expectIndependent(small, [2, 8, 8, 16, 1]);
  });

  it("refuses sizes that do not halve as often as it does", () => {
    expect(() => describeNetwork(small, [1, 20, 20, 20, 1])).toThrow(
      "parts of a concat must have the same places",
    );
  });
});
