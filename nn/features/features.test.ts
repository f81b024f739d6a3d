import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neverStopped } from "#core/context.ts";
import { readVolume } from "#core/formats/readVolume.ts";
import { normalize } from "#core/volume/normalize.ts";
import { sliceOf } from "#core/volume/volume.ts";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import type { Engine } from "../engine.ts";
import { autoencoderOf, type FeatureOptions, featureKey, quickFeatures } from "./featureOptions.ts";
import { featuresOf, reconstruct } from "./featuresOf.ts";
import { imageOf, patchesOf, resized, type SliceImage, wholeOf } from "./sliceImage.ts";
import { featureRateAt, trainFeatures } from "./trainFeatures.ts";

const options: FeatureOptions = { ...quickFeatures, imageSize: 32, batchSize: 8, steps: 60 };

/** Every third slice of a few real volumes. */
function hippocampusSlices(volumes: number): SliceImage[] {
  const folder = `${sharedFolder}data/hippocampus/images`;
  return readdirSync(folder)
    .sort()
    .slice(0, volumes)
    .flatMap((file) => {
      const { volume } = readVolume(readFileSync(`${folder}/${file}`));
      const { voxels } = normalize(volume.voxels);
      const [depth, height, width] = volume.shape;
      return Array.from({ length: Math.floor(depth / 3) }, (_, i) => ({
        ...{ height, width },
        values: sliceOf(voxels, volume.shape, 3 * i),
      }));
    });
}

const gradient = (height: number, width: number): SliceImage => ({
  ...{ height, width },
  values: Float32Array.from(
    { length: height * width },
    (_, i) => 3 * Math.floor(i / width) + (i % width),
  ),
});

describe("the autoencoder of slices", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createCpuEngine();
  });
  afterAll(() => engine.dispose());

  it.skipIf(!hasShared)(
    "learns to draw real slices, and the same again from the same seed",
    async () => {
      const slices = hippocampusSlices(6);
      const seen: number[] = [];
      const note = ({ step, loss }: { step: number; loss: number }) => {
        seen[step - 1] = loss;
      };
      const model = await trainFeatures(slices, options, engine, note, neverStopped);
      expect([...model.losses]).toEqual(seen.map(Math.fround));
      const mean = (from: number, to: number) =>
        model.losses.slice(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from);
      expect(mean(50, 60)).toBeLessThan(0.9 * mean(0, 10));

      const features = await featuresOf(model, slices.slice(0, 20), engine, neverStopped);
      expect(features).toMatchObject({ count: 20, length: 128 });
      for (let row = 0; row < 20; row++) {
        const values = features.values.subarray(row * 128, (row + 1) * 128);
        expect(values.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 5);
      }
      expect(features.values.slice(0, 128)).not.toEqual(features.values.slice(128, 256));
      const alone = await featuresOf(model, slices.slice(17, 18), engine, neverStopped);
      expect(alone.values).toEqual(features.values.slice(17 * 128, 18 * 128));

      const slice = slices[3] as SliceImage;
      const { size, original, masked, reconstructed } = await reconstruct(model, slice, engine);
      expect(original).toEqual(resized(slice, wholeOf(slice), size));
      expect(masked.filter(Number.isNaN)).toHaveLength(0.75 * size * size);
      masked.forEach((value, i) => {
        if (!Number.isNaN(value)) expect(reconstructed[i]).toBe(value);
      });
      expect(reconstructed.every(Number.isFinite)).toBe(true);

      const short = { ...options, steps: 3 };
      const twice = [];
      for (let run = 0; run < 2; run++)
        twice.push(await trainFeatures(slices, short, engine, () => undefined, neverStopped));
      expect(twice[1]).toEqual(twice[0]);
      const other = await trainFeatures(
        ...[slices, { ...short, seed: 2 }, engine, () => undefined, neverStopped],
      );
      expect(other.losses).not.toEqual(twice[0]?.losses);
    },
    120_000,
  );

  it("stops when asked, and refuses nothing to learn from", async () => {
    const stopped = {
      aborted: true,
      throwIfAborted: () => {
        throw new Error("stopped");
      },
    };
    const slices = [gradient(8, 8)];
    await expect(trainFeatures(slices, options, engine, () => undefined, stopped)).rejects.toThrow(
      "stopped",
    );
    await expect(trainFeatures([], options, engine, () => undefined, stopped)).rejects.toThrow(
      "features must be learned from at least one slice, got none",
    );
    const broken = [{ height: 4, width: 4, values: new Float32Array(15) }];
    await expect(
      trainFeatures(broken, options, engine, () => undefined, neverStopped),
    ).rejects.toThrow("a slice must have height x width values, got 15 for 4 x 4");
  });
});

describe("options of features", () => {
  it("make an autoencoder, or say why not", () => {
    expect(autoencoderOf({ size: "standard", imageSize: 128, maskRatio: 0.75 })).toMatchObject({
      ...{ grid: [16, 16], kept: 64, patchValues: 64, encoder: { width: 192, depth: 6, heads: 3 } },
    });
    expect(() => autoencoderOf({ size: "small", imageSize: 60, maskRatio: 0.75 })).toThrow(
      "imageSize must be a multiple of 8 pixels from 16, got 60",
    );
    for (const maskRatio of [0, 1, 0.99, Number.NaN])
      expect(() => autoencoderOf({ size: "small", imageSize: 64, maskRatio })).toThrow(
        `some of the 64 patches to see and some to draw, got ${maskRatio}`,
      );
  });

  it("let the rate rise, then fall to nothing", () => {
    const plan = { learningRate: 1, warmUp: 0.05, steps: 100 };
    const rates = Array.from({ length: 100 }, (_, step) => featureRateAt(plan, step));
    expect(rates[0]).toBeCloseTo(0.2);
    expect(rates[4]).toBe(1);
    expect(rates[5]).toBe(1);
    expect(rates.slice(5).every((rate, i, all) => i === 0 || rate < (all[i - 1] ?? 0))).toBe(true);
    expect(rates[99]).toBeLessThan(1e-3);
  });

  it("give features a key that knows data, options and device, but no order of cases", () => {
    const key = featureKey(["a", "b"], quickFeatures, "cpu");
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(featureKey(["b", "a"], { ...quickFeatures }, "cpu")).toBe(key);
    const others = [
      featureKey(["a", "c"], quickFeatures, "cpu"),
      featureKey(["a"], quickFeatures, "cpu"),
      featureKey(["a", "b"], quickFeatures, "webgpu"),
      ...Object.keys(quickFeatures).map((name) =>
        featureKey(["a", "b"], { ...quickFeatures, [name]: "other" }, "cpu"),
      ),
    ];
    expect(new Set([key, ...others]).size).toBe(1 + others.length);
  });
});

describe("slices at another size", () => {
  it("average what larger pixels cover", () => {
    const slice = { height: 2, width: 4, values: Float32Array.of(1, 3, 5, 7, 9, 11, 13, 15) };
    expect([...resized(slice, wholeOf(slice), 2)]).toEqual([2, 6, 10, 14]);
    expect([...resized(slice, wholeOf(slice), 1)]).toEqual([8]);
    const part = { top: 0, left: 0.5, height: 1, width: 2 };
    expect([...resized(slice, part, 1)]).toEqual([3]);
  });

  it("keep a constant constant, and its own size as it is", () => {
    fc.assert(
      fc.property(
        fc.record({
          height: fc.integer({ min: 1, max: 40 }),
          width: fc.integer({ min: 1, max: 40 }),
          size: fc.integer({ min: 1, max: 40 }),
        }),
        ({ height, width, size }) => {
          const flat = { height, width, values: new Float32Array(height * width).fill(2.5) };
          for (const value of resized(flat, wholeOf(flat), size)) expect(value).toBeCloseTo(2.5, 5);
          const square = gradient(size, size);
          resized(square, wholeOf(square), size).forEach((value, i) => {
            expect(value).toBeCloseTo(square.values[i] ?? 0, 4);
          });
        },
      ),
    );
  });

  it("cut into patches and back", () => {
    const image = Float32Array.from({ length: 256 }, (_, i) => i);
    const patches = patchesOf(image, 16, 8);
    expect([...patches.subarray(0, 9)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 16]);
    expect(patches[64]).toBe(8);
    expect(imageOf(patches, 16, 8)).toEqual(image);
  });
});
