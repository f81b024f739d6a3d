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
    expect(patchSizeOf("auto", 2, shapes)).toEqual(expected);
  });

  it.each([
    { shapes: [[30, 50, 12]], expected: [32, 48, 16] },
    {
      shapes: [
        [10, 10, 10],
        [17, 9, 300],
      ],
      expected: [32, 16, 48],
    },
  ] as const)("takes for $shapes 3D patches of $expected", ({ shapes, expected }) => {
    expect(patchSizeOf("auto", 3, shapes)).toEqual(expected);
  });

  it("leaves a patch that was asked for", () => {
    expect(patchSizeOf([40, 24], 2, [[1, 512, 512]])).toEqual([40, 24]);
    expect(patchSizeOf([40, 24, 8], 3, [[1, 512, 512]])).toEqual([40, 24, 8]);
  });
});
