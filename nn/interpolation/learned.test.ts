import { describe, expect, it } from "vitest";
import { neverStopped, openGate } from "#core/context.ts";
import { interpolationQuality, meanIou } from "#core/evaluation/interpolationQuality.ts";
import {
  defaultInterpolation,
  type LearnedOptions,
  learnedOptionsOf,
} from "#core/interpolation/interpolationSettings.ts";
import { nearest } from "#core/interpolation/nearest.ts";
import { seededRandom } from "#core/random.ts";
import { annotate } from "#core/selection/annotate.ts";
import { type Case, UNANNOTATED } from "#core/volume/volume.ts";
import { morphologicalFiles } from "../../testing/morphologicalFiles.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import { encoderKey, type InterpolationMeans, memoryEncoders } from "./interpolationMeans.ts";
import { interpolatorFor } from "./interpolators.ts";

const context = { random: seededRandom(1), signal: neverStopped, gate: openGate };
const shape = [7, 20, 28] as const;

/** A textured disc that drifts through a textured world. */
function drifting(id: string, seed: number): Case {
  const random = seededRandom(seed);
  const [, height, width] = shape;
  const ripple = 1 + random.uniform();
  const voxels = new Float32Array(shape[0] * height * width);
  const classes = new Uint8Array(voxels.length);
  for (let index = 0; index < voxels.length; index++) {
    const z = Math.floor(index / (height * width));
    const [y, x] = [Math.floor(index / width) % height, index % width];
    const distance = Math.hypot(y - 10, x - 7 - 2 * z);
    classes[index] = distance < 5 ? 1 : 0;
    voxels[index] = (distance < 5 ? 3 : 0) + Math.sin(ripple * distance) + 0.1 * random.normal();
  }
  const image = {
    ...{ shape, spacing: [1, 1, 1] as const, voxels },
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const,
  };
  return { id, patient: id, image, mask: { shape, classes } };
}

const cases = [1, 2, 3].map((seed) => drifting(`${seed}`, seed));
const settings = { ...defaultInterpolation, steps: 30, tupleSlices: 3, crop: 28, maxGap: 1 };

async function meansOf(change: Partial<LearnedOptions> = {}) {
  const losses: number[] = [];
  const asked: string[] = [];
  const means: InterpolationMeans = {
    engine: await createCpuEngine(),
    morphological: morphologicalFiles,
    encoders: memoryEncoders(),
    pool: {
      ids: cases.map(({ id }) => id),
      fingerprint: "drifting",
      shapeOf: () => shape,
      imageOf: async (id) => {
        asked.push(id);
        return (cases.find((one) => one.id === id) as Case).image;
      },
    },
    learned: { ...learnedOptionsOf(settings), ...change },
    report: ({ loss }) => void losses.push(loss),
  };
  return { means, losses, asked };
}

const examples = cases.map((one) => annotate(one, [0, 6]));

describe("the learned interpolator", () => {
  it("learns from images to follow what drifts; the same again by its seed, once per pool", async () => {
    const { means, losses } = await meansOf();
    const filled = await interpolatorFor("learned", means)(examples, context);
    expect(losses).toHaveLength(30);
    const early = losses.slice(0, 5).reduce((a, b) => a + b);
    expect(losses.slice(-5).reduce((a, b) => a + b)).toBeLessThan(early);
    const iouOf = (all: typeof filled) => {
      const scores = all.map((one, index) => {
        const truth = (cases[index] as Case).mask;
        return meanIou(interpolationQuality(one.known, truth, [0, 6]).interpolatedOnly) ?? 0;
      });
      return scores.reduce((a, b) => a + b) / scores.length;
    };
    expect(iouOf(filled)).toBeGreaterThan(iouOf(await nearest(examples, context)) + 0.1);
    for (const one of filled) expect(one.confidence?.length).toBe(one.known.classes.length);

    const again = await interpolatorFor("learned", means)(examples, context);
    expect(losses).toHaveLength(30);
    expect(again).toEqual(filled);
    const { means: other } = await meansOf();
    expect(await interpolatorFor("learned", other)(examples, context)).toEqual(filled);
  });

  it("trains the published encoder too", async () => {
    const { means, losses } = await meansOf({ network: "paper", steps: 2, tupleSlices: 2 });
    const [filled] = await interpolatorFor("learned", means)(examples.slice(0, 1), context);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(filled?.known.classes).not.toContain(UNANNOTATED);
  });

  it("trains on nothing where there is no gap", async () => {
    const { means, asked } = await meansOf();
    const full = [annotate(cases[0] as Case, [0, 1, 2, 3, 4, 5, 6])];
    expect(await interpolatorFor("learned", means)(full, context)).toEqual(full);
    const none = [annotate(cases[0] as Case, [])];
    expect(await interpolatorFor("learned", means)(none, context)).toEqual(none);
    expect(asked).toEqual([]);
  });

  it("leaves pixels it is not sure of unannotated", async () => {
    const { means } = await meansOf({ steps: 1, minConfidence: 1 });
    const [filled] = await interpolatorFor("learned", means)(examples.slice(0, 1), context);
    expect(filled?.known.classes).toContain(UNANNOTATED);
    expect(filled?.known.classes.subarray(0, 560)).toEqual(
      examples[0]?.known.classes.subarray(0, 560),
    );
  });

  it("names an encoder by pool and training", async () => {
    const { means } = await meansOf();
    const key = encoderKey(means);
    const pool = { ...means.pool, ids: [...means.pool.ids].reverse() };
    expect(encoderKey({ ...means, pool })).toBe(key);
    expect(encoderKey({ ...means, pool: { ...pool, ids: ["1"] } })).not.toBe(key);
    expect(encoderKey({ ...means, learned: { ...means.learned, combine: "union" } })).toBe(key);
    expect(encoderKey({ ...means, learned: { ...means.learned, steps: 2 } })).not.toBe(key);
  });

  it("stops when told, between two steps", async () => {
    const { means, losses } = await meansOf();
    const signal = {
      get aborted() {
        return losses.length >= 3;
      },
      throwIfAborted: () => {
        if (losses.length >= 3) throw new Error("enough");
      },
    };
    await expect(
      interpolatorFor("learned", means)(examples, { ...context, signal }),
    ).rejects.toThrow("enough");
    expect(losses).toHaveLength(3);
  });

  it("asks for volumes of two slices", async () => {
    const { means } = await meansOf();
    const flat = { ...(cases[0] as Case).image, shape: [1, 20, 28] as const };
    const pool = { ...means.pool, imageOf: async () => flat };
    await expect(interpolatorFor("learned", { ...means, pool })(examples, context)).rejects.toThrow(
      "must see a volume of at least two slices in the training pool, got none",
    );
  });
});
