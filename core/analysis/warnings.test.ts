import { describe, expect, it } from "vitest";
import { planWarnings, type Situation } from "./warnings.ts";

const fine: Situation = {
  network: "unet2d",
  interpolator: "none",
  depth: 100,
  slicesPerVolume: 10,
  spacingMm: 1,
  targetShare: 0.5,
  targetLengthMm: 50,
};

describe("planWarnings", () => {
  it("has none where nothing is odd or known", () => {
    expect(planWarnings(fine)).toEqual([]);
    expect(planWarnings({ ...fine, targetShare: null, targetLengthMm: null })).toEqual([]);
  });

  it.each([
    [{ depth: 12, slicesPerVolume: 4 }, "short-stack", "volumes have 12 slices"],
    [
      { targetShare: 0.08 },
      "rare-target",
      "0.8 of 10 annotated slices per volume are expected to hold it; fewer than 2",
    ],
    [{ network: "unetr3d" }, "transformer-low-density", "this plan has 10 %"],
    [{ slicesPerVolume: 2 }, "unstudied-regime", "2 slices per volume"],
    [
      { interpolator: "signedDistance" as const, targetLengthMm: 6 },
      "thin-target",
      "the target is 6 mm long and annotated slices are 10 mm apart",
    ],
  ])("%j gives %s", (change, code, words) => {
    const [warning, ...others] = planWarnings({ ...fine, ...change });
    expect(others).toEqual([]);
    expect(warning?.code).toBe(code);
    expect(warning?.message).toContain(words);
  });

  it("does not mind a transformer at 20 % nor a thin target without interpolation", () => {
    expect(planWarnings({ ...fine, network: "unetr3d", slicesPerVolume: 20 })).toEqual([]);
    expect(planWarnings({ ...fine, targetLengthMm: 1 })).toEqual([]);
  });
});
