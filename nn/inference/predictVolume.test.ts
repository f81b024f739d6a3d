import { describe, expect, it } from "vitest";
import { neverStopped, openGate } from "#core/context.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import type { Model } from "../engine.ts";
import { gaussianWindow, predictVolume, windowCorners } from "./predictVolume.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;

function volumeOf(shape: Shape3) {
  const voxels = Float32Array.from(
    { length: shape[0] * shape[1] * shape[2] },
    (_, index) => ((index * 7919) % 13) / 13,
  );
  return { shape, spacing: [1, 1, 1] as const, affine, voxels };
}

/** Says of every place the logits that `says` makes of its value, and remembers the shapes. */
function modelOf(says: (value: number, place: number) => readonly number[]) {
  const asked: (readonly number[])[] = [];
  const model: Model = {
    stepsAhead: 1,
    bytes: 0,
    step: async () => 0,
    stepTowards: async () => 0,
    readState: async () => ({ steps: 0, weights: new Map(), moments: [] }),
    writeState: async () => undefined,
    predict: async (images, shape) => {
      asked.push(shape);
      return Float32Array.from([...images].flatMap((value, place) => [...says(value, place)]));
    },
    readWeights: async () => new Map(),
    dispose: () => undefined,
  };
  return { model, asked };
}

const common = { classes: 2, signal: neverStopped, gate: openGate };

describe("windowCorners", () => {
  it.each([
    { shape: [8, 8, 8], patch: [8, 8, 8], along: [[0], [0], [0]] },
    { shape: [20, 9, 5], patch: [8, 8, 8], along: [[0, 4, 8, 12], [0, 1], [-1]] },
    {
      shape: [13, 16, 17],
      patch: [8, 8, 8],
      along: [
        [0, 4, 5],
        [0, 4, 8],
        [0, 4, 8, 9],
      ],
    },
  ] as const)("of $shape in windows of $patch are $along", ({ shape, patch, along }) => {
    const [depths, rows, columns] = along;
    const expected = depths.flatMap((z) => rows.flatMap((y) => columns.map((x) => [z, y, x])));
    expect(windowCorners(shape, patch)).toEqual(expected);
  });
});

describe("gaussianWindow", () => {
  it("falls from the middle as exp(-x^2 / (2 (size / 8)^2)), never below 0.001", () => {
    const window = gaussianWindow([1, 1, 9]);
    const expected = Array.from({ length: 9 }, (_, i) =>
      Math.max(1e-3, Math.exp(-((i - 4) ** 2) / (2 * (9 / 8) ** 2))),
    );
    for (const [i, value] of expected.entries()) expect(window[i]).toBeCloseTo(value, 6);
    expect(Math.min(...gaussianWindow([16, 16, 16]))).toBeCloseTo(1e-3, 9);
  });
});

describe("predictVolume", () => {
  it.each([
    { shape: [12, 20, 9], patch: [8, 8, 8] },
    { shape: [5, 7, 3], patch: [8, 8, 8] },
    { shape: [17, 8, 30], patch: [16, 8, 8] },
  ] as const)("finds every voxel of $shape again with windows of $patch", async (one) => {
    const { model } = modelOf((value) => [0.5, value]);
    const image = volumeOf(one.shape);
    const mask = await predictVolume(image, { ...common, model, patch: one.patch });
    expect(mask.shape).toEqual(one.shape);
    expect(mask.classes).toEqual(Uint8Array.from(image.voxels, (value) => (value > 0.5 ? 1 : 0)));
  });

  it("trusts the middle of a window more than its border", async () => {
    // Class 1 wherever a place lies in the outer quarter of its window along the depth.
    const { model } = modelOf((_, place) => {
      const z = place % 16;
      return z < 4 || z >= 12 ? [0, 1] : [1.2, 0];
    });
    const { classes } = await predictVolume(volumeOf([1, 1, 32]), {
      ...common,
      model,
      patch: [1, 1, 16],
    });
    expect([...classes.subarray(4, 28)].every((one) => one === 0)).toBe(true);
    expect([...classes.subarray(0, 4)].every((one) => one === 1)).toBe(true);
  });

  it("plans two sizes at most: as many windows as fit at once, and single ones", async () => {
    const { model, asked } = modelOf((value) => [0.5, value]);
    await predictVolume(volumeOf([8, 80, 80]), { ...common, model, patch: [8, 32, 32] });
    expect(new Set(asked.map(([count]) => count))).toEqual(new Set([16]));
    await predictVolume(volumeOf([8, 80, 96]), { ...common, model, patch: [8, 32, 32] });
    expect(new Set(asked.map(([count]) => count))).toEqual(new Set([16, 1]));
  });

  it("refuses logits that are not finite", async () => {
    const { model } = modelOf(() => [Number.NaN, 0]);
    await expect(
      predictVolume(volumeOf([8, 8, 8]), { ...common, model, patch: [8, 8, 8] }),
    ).rejects.toThrow("predicts numbers that are not finite");
  });
});
