import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { cohortStrategies, strategySight } from "../experiment/methods.ts";
import { readNifti } from "../formats/nifti.ts";
import { seededRandom } from "../random.ts";
import { normalize } from "../volume/normalize.ts";
import { canonicalVolume } from "../volume/orientation.ts";
import { diagnose, type SelectionDiagnostics } from "./diagnostics.ts";
import { type PickRule, pickSlices } from "./pickSlices.ts";
import { sliceDescriptors } from "./sliceDescriptor.ts";

/** Volumes of each cohort that are looked at. */
const VOLUMES = 12;

const cohorts = {
  hippocampus: () =>
    readdirSync(`${sharedFolder}data/hippocampus/images`)
      .filter((name) => name.endsWith(".nii.gz"))
      .map((name) => `hippocampus/images/${name}`),
  sarcoma: () =>
    readdirSync(`${sharedFolder}data/sts`)
      .filter((name) => name.startsWith("STS_"))
      .map((name) => `sts/${name}/MR_T1_image.nii.gz`),
};

const unsupervised = cohortStrategies.filter((name) => strategySight[name] === "image");
const scopes: PickRule["scope"][] = ["volume", "cohort"];

describe.skipIf(!hasShared).each(Object.entries(cohorts))("on the %s cohort", (_, listed) => {
  const volumes = (hasShared ? listed() : [])
    .sort()
    .slice(0, VOLUMES)
    .map((path) => {
      const { volume } = readNifti(readFileSync(`${sharedFolder}data/${path}`));
      const image = canonicalVolume(volume);
      return {
        id: path,
        depth: image.shape[0],
        spacingMm: image.spacing[0],
        features: sliceDescriptors({ ...image, voxels: normalize(image.voxels).voxels }),
        hasTarget: null,
      };
    });

  /** A mean over volumes, or the number of all slices together. */
  const measured = (
    what: "meanCoverage" | "coverageRadius",
    strategy: PickRule["strategy"],
    scope: PickRule["scope"],
    seed: number,
  ) => {
    const rule = { strategy, density: 0.1, scope, quota: { fewest: 0, most: null } };
    const picks = pickSlices(volumes, rule, seededRandom(seed));
    const picked = volumes.map((one, at) => ({ ...one, picks: picks[at] ?? [] }));
    const found: SelectionDiagnostics[] =
      scope === "cohort" ? [diagnose(picked)] : picked.map((one) => diagnose([one]));
    return found.reduce((sum, one) => sum + (one[what] ?? Number.NaN), 0) / found.length;
  };

  it("has volumes", () => {
    expect(volumes).toHaveLength(VOLUMES);
  });

  describe.each(scopes)("picking by scope %s", (scope) => {
    it.each(unsupervised)("%s covers the slices better than chance", (strategy) => {
      // Core-set selection lowers the largest distance. In each volume the mean falls with it;
      // over all volumes it goes to slices that are like no other, at the price of the mean.
      const what = strategy === "coreset" && scope === "cohort" ? "coverageRadius" : "meanCoverage";
      const hasChance = strategy !== "coreset" && strategy !== "unsupervised";
      const always = hasChance ? null : measured(what, strategy, scope, 0);
      const better = Array.from({ length: 10 }, (_, seed) => seed).filter(
        (seed) =>
          (always ?? measured(what, strategy, scope, seed)) <
          measured(what, "uniformRandom", scope, seed),
      );
      expect(better.length).toBeGreaterThanOrEqual(9);
    });
  });
});
