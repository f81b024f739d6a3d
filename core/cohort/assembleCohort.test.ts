import { describe, expect, it } from "vitest";
import { writeNifti } from "../formats/writeNifti.ts";
import type { Affine } from "../volume/grid.ts";
import { assembleCohort } from "./assembleCohort.ts";
import { pairFiles } from "./pairFiles.ts";
import { readCase } from "./readCase.ts";

const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
const bytes = writeNifti({
  shape: [1, 1, 4],
  spacing: [1, 1, 1],
  affine,
  voxels: Uint8Array.of(0, 1, 2, 3),
});

function cohortOf(paths: readonly string[]) {
  const pairing = pairFiles(paths.map((path) => ({ path, bytes: 1 })));
  const summaries = pairing.pairs.map(
    (pair) => readCase(pair, { image: bytes, mask: bytes }).summary,
  );
  return assembleCohort("mine", pairing, summaries);
}

describe("assembleCohort", () => {
  it("gives problems to the cases they are about and keeps the rest", () => {
    const cohort = cohortOf(["a.nii", "b.nii", "b_seg.nii", "c_seg.nii"]);
    expect(cohort).toMatchObject({ name: "mine", layout: "suffixes", labelNames: {} });
    const messages = cohort.cases.map(({ id, problems }) => [
      id,
      ...problems.map((p) => p.message),
    ]);
    expect(messages).toEqual([
      ["a", "image without a mask: it can be planned for, but not learned from"],
      ["b"],
    ]);
    expect(cohort.problems.map(({ paths }) => paths)).toEqual([["c_seg.nii"]]);
  });

  it("names equal cohorts alike", () => {
    const one = cohortOf(["a.nii", "a_seg.nii", "b.nii", "b_seg.nii"]);
    const same = cohortOf(["b_seg.nii", "b.nii", "a_seg.nii", "a.nii"]);
    expect(same).toEqual(one);
    expect(cohortOf(["a.nii", "a_seg.nii"]).id).not.toBe(one.id);
  });
});
