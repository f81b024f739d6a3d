import { describe, expect, it } from "vitest";
import { expectIndependent, expectSlope } from "../../testing/networkChecks.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { weightCount } from "../weights.ts";
import { attentionUnet } from "./attentionUnet.ts";

const small = attentionUnet({ classes: 2, channels: [2, 4, 6] });

describe("attentionUnet", () => {
  it.each([
    { channels: [8, 16, 32, 64, 128], count: 1_478_606 },
    { channels: [16, 32, 64, 128, 256], count: 5_909_130 },
    { channels: [32, 64, 128, 256, 512], count: 23_625_986 },
  ])("of $channels has $count weights", ({ count, channels }) => {
    const network = attentionUnet({ classes: 2, channels });
    const description = describeNetwork(network, [2, 16, 16, 32, 1]);
    expect(weightCount(description)).toBe(count);
    expect(description.output).toEqual([2, 16, 16, 32, 2]);
  });

  it("has a gradient in every weight, the slope of its loss", () => {
    expectSlope(small, [2, 4, 4, 8, 1], 2);
  });

  it("predicts the same whatever stands beside in the batch", () => {
    expectIndependent(small, [2, 4, 4, 8, 1]);
  });

  it("refuses sizes that do not halve as often as it does", () => {
    expect(() => describeNetwork(small, [1, 6, 6, 6, 1])).toThrow("second operand of add must be");
  });
});
