import { describe, expect, it } from "vitest";
import { patchSizeOf } from "./patchSize.ts";

describe("patchSizeOf", () => {
  it.each([
    { shapes: [[30, 50, 34]], expected: [64, 48] },
    {
      shapes: [
        [30, 50, 34],
        [9, 16, 49],
      ],
      expected: [64, 64],
    },
    { shapes: [[1, 1, 16]], expected: [16, 16] },
    { shapes: [[200, 512, 113]], expected: [128, 128] },
  ] as const)("holds every slice of $shapes in $expected", ({ shapes, expected }) => {
    expect(patchSizeOf("auto", shapes)).toEqual(expected);
  });

  it("leaves a patch that was asked for", () => {
    expect(patchSizeOf([40, 24], [[1, 512, 512]])).toEqual([40, 24]);
  });
});
