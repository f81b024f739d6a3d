import { describe, expect, it } from "vitest";
import { resultOf } from "../../testing/results.ts";
import { poolOf } from "./surfaceAnalysis.ts";

describe("poolOf", () => {
  it("counts the pool where its size was rounded least", () => {
    // 31 volumes of 40 slices: a quarter of the volumes is 8, a twentieth of the slices 2.
    const results = [
      resultOf({ volumeFraction: 0.25, density: 0.05 }, 0, [0.5], {
        volumes: 8,
        annotatedSlices: 16,
      }),
      resultOf({ volumeFraction: 0.25, density: 0.1 }, 0, [0.5], {
        volumes: 8,
        annotatedSlices: 32,
      }),
      resultOf({ volumeFraction: 1, density: 0.05 }, 0, [0.6], {
        volumes: 31,
        annotatedSlices: 62,
      }),
    ];
    expect(poolOf(results)).toEqual({ volumes: 31, slices: 40, spacingMm: 1 });
  });

  it("knows nothing without a finished trial", () => {
    expect(poolOf([])).toBeNull();
  });
});
