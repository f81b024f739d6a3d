import { describe, expect, it } from "vitest";
import type { Affine } from "../volume/grid.ts";
import { checkTarget } from "./checkTarget.ts";
import type { CaseSummary, Problem } from "./cohort.ts";
import { prepareCase } from "./prepareCase.ts";

const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
const grid = { shape: [1, 1, 4] as const, spacing: [1, 1, 1] as const, affine };

describe("prepareCase", () => {
  const image = { ...grid, voxels: Int16Array.of(0, 0, 2, 2) };
  const labels = { ...grid, voxels: Uint16Array.of(0, 1, 2, 300) };

  it.each([
    { target: [[1]], expected: [0, 1, 0, 0] },
    { target: [[2, 300]], expected: [0, 0, 1, 1] },
    { target: [[7]], expected: [0, 0, 0, 0] },
    { target: [[300], [1, 2]], expected: [0, 2, 2, 1] },
  ])("makes labels $target classes 1, 2, .. and scales the image", ({ target, expected }) => {
    const one = prepareCase({ id: "a", patient: "P", image, labels }, target);
    expect([...one.mask.classes]).toEqual(expected);
    expect([...one.image.voxels]).toEqual([-1, -1, 1, 1]);
    expect(one).toMatchObject({ id: "a", patient: "P", mask: { shape: [1, 1, 4] } });
    expect([...image.voxels]).toEqual([0, 0, 2, 2]);
  });

  it("refuses labels of another shape", () => {
    const other = { ...labels, shape: [1, 2, 2] as const };
    expect(() => prepareCase({ id: "a", patient: "P", image, labels: other }, [[1]])).toThrow(
      "labels must have the shape of their image [1, 1, 4], got [1, 2, 2]",
    );
  });
});

describe("checkTarget", () => {
  const summary = (id: string, labels: number[], problems: Problem[] = []): CaseSummary => ({
    id,
    patient: id,
    imagePath: `${id}.nii`,
    maskPath: `${id}_seg.nii`,
    shape: [1, 1, 4],
    spacing: [1, 1, 1],
    orientation: null,
    dataType: null,
    intensity: null,
    labels: labels.map((label) => ({ label, voxels: 1 })),
    fingerprint: null,
    problems,
  });
  const broken: Problem = { severity: "error", message: "broken", paths: [] };
  const cases = [summary("a", [1, 2]), summary("b", [2]), summary("c", [9], [broken])];

  it.each([
    { target: [1, 2], expected: [] },
    { target: [1], expected: ["warning: case b has no voxel of the target"] },
    { target: [3], expected: ["error: label 3 occurs in no case; choose among 1, 2"] },
    { target: [2, 3], expected: ["warning: label 3 occurs in no case; choose among 1, 2"] },
    { target: [9], expected: ["error: label 9 occurs in no case; choose among 1, 2"] },
  ])("finds of target $target: $expected", ({ target, expected }) => {
    const found = checkTarget(cases, target).map(
      ({ severity, message }) => `${severity}: ${message}`,
    );
    expect(found).toEqual(expected);
  });

  it("says when nothing can be used", () => {
    expect(checkTarget([summary("c", [1], [broken])], [1])[0]?.message).toBe(
      "no case has an image and a mask that can be used; see the table for why",
    );
  });
});
