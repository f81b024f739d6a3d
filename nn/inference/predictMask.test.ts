import { describe, expect, it } from "vitest";
import { neverStopped, openGate } from "#core/context.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import type { Model } from "../engine.ts";
import { predictMask } from "./predictMask.ts";

/** A model that says class 1 where the image is above 0.5, and what it was asked. */
function thresholdModel() {
  const asked: (readonly number[])[] = [];
  const model: Model = {
    stepsAhead: 1,
    bytes: 0,
    step: async () => 0,
    readState: async () => ({ steps: 0, weights: new Map(), moments: [] }),
    writeState: async () => undefined,
    predict: async (images, shape) => {
      asked.push(shape);
      const logits = new Float32Array(2 * images.length).fill(0.5);
      for (const [place, value] of images.entries()) logits[2 * place + 1] = value;
      return logits;
    },
    stepTowards: async () => 0,
    readWeights: async () => new Map(),
    dispose: () => undefined,
  };
  return { model, asked };
}

function volumeOf(shape: Shape3) {
  const voxels = Float32Array.from(
    { length: shape[0] * shape[1] * shape[2] },
    (_, index) => ((index * 7919) % 13) / 13,
  );
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
  return { shape, spacing: [1, 1, 1] as const, affine, voxels };
}

describe("predictMask", () => {
  it.each([
    { shape: [5, 7, 9], patch: [16, 16], padded: [[5, 16, 16, 1]] },
    {
      shape: [40, 20, 33],
      patch: [16, 16],
      padded: [
        [32, 24, 40, 1],
        [8, 24, 40, 1],
      ],
    },
    { shape: [3, 8, 8], patch: [8, 8], padded: [[3, 8, 8, 1]] },
    {
      shape: [2, 300, 450],
      patch: [128, 128],
      padded: [
        [1, 304, 456, 1],
        [1, 304, 456, 1],
      ],
    },
  ] as const)("predicts $shape in $padded and crops back", async ({ shape, patch, padded }) => {
    const { model, asked } = thresholdModel();
    const image = volumeOf(shape);
    const mask = await predictMask(image, {
      model,
      classes: 2,
      patch,
      multiple: 8,
      signal: neverStopped,
      gate: openGate,
    });
    expect(asked).toEqual(padded);
    expect(mask.shape).toEqual(shape);
    expect(mask.classes).toEqual(Uint8Array.from(image.voxels, (value) => (value > 0.5 ? 1 : 0)));
  });

  it("stops between batches", async () => {
    const { model, asked } = thresholdModel();
    const stop = new AbortController();
    const running = predictMask(volumeOf([40, 8, 8]), {
      model,
      classes: 2,
      patch: [8, 8],
      multiple: 8,
      signal: stop.signal,
      gate: async () => {
        if (asked.length === 1) stop.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(asked).toHaveLength(1);
  });

  it("refuses logits that are not finite: they would be scored as background", async () => {
    const { model } = thresholdModel();
    const broken: Model = {
      ...model,
      predict: async (images) => new Float32Array(2 * images.length).fill(Number.NaN),
    };
    const asked = predictMask(volumeOf([2, 8, 8]), {
      model: broken,
      classes: 2,
      patch: [8, 8],
      multiple: 8,
      signal: neverStopped,
      gate: openGate,
    });
    await expect(asked).rejects.toThrow("predicts numbers that are not finite");
  });
});
