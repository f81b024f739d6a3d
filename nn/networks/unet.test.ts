import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { startCpu } from "../eager/startCpu.ts";
import type { Engine, Weights } from "../engine.ts";
import { initialWeights, weightCount } from "../weights.ts";
import { type UnetOptions, unet } from "./unet.ts";

const small: UnetOptions = { classes: 3, width: 2, levels: 3, norm: "instance" };

describe("unet", () => {
  it.each([
    { width: 16, levels: 3, norm: "instance", input: [1, 64, 64, 1], weights: 118_642 },
    { width: 16, levels: 3, norm: "instance", input: [1, 16, 16, 16, 1], weights: 353_938 },
    { width: 8, levels: 4, norm: "instance", input: [8, 64, 64, 1], weights: 122_682 },
    { width: 8, levels: 4, norm: "none", input: [8, 64, 64, 1], weights: 121_978 },
  ] as const)(
    "of width $width, $levels levels, norm $norm has $weights weights on $input",
    (one) => {
      const description = describeNetwork(unet({ classes: 2, ...one }), one.input);
      expect(weightCount(description)).toBe(one.weights);
      expect(description.output).toEqual([...one.input.slice(0, -1), 2]);
    },
  );

  it("names its weights block by block", () => {
    const { weights } = describeNetwork(unet({ ...small, levels: 2 }), [1, 8, 8, 1]);
    expect(Object.fromEntries(weights)).toEqual({
      "down0.a.kernel": [3, 3, 1, 2],
      "down0.a.bias": [2],
      "down0.a.norm.scale": [2],
      "down0.a.norm.shift": [2],
      "down0.b.kernel": [3, 3, 2, 2],
      "down0.b.bias": [2],
      "down0.b.norm.scale": [2],
      "down0.b.norm.shift": [2],
      "down1.a.kernel": [3, 3, 2, 4],
      "down1.a.bias": [4],
      "down1.a.norm.scale": [4],
      "down1.a.norm.shift": [4],
      "down1.b.kernel": [3, 3, 4, 4],
      "down1.b.bias": [4],
      "down1.b.norm.scale": [4],
      "down1.b.norm.shift": [4],
      "up0.a.kernel": [3, 3, 6, 2],
      "up0.a.bias": [2],
      "up0.a.norm.scale": [2],
      "up0.a.norm.shift": [2],
      "up0.b.kernel": [3, 3, 2, 2],
      "up0.b.bias": [2],
      "up0.b.norm.scale": [2],
      "up0.b.norm.shift": [2],
      "head.kernel": [1, 1, 2, 3],
      "head.bias": [3],
    });
  });

  it("gives logits of the input's size, odd sizes too", () => {
    const side = fc.integer({ min: 8, max: 40 });
    fc.assert(
      fc.property(side, side, (height, width) => {
        const { output } = describeNetwork(unet(small), [2, height, width, 1]);
        expect(output).toEqual([2, height, width, 3]);
      }),
    );
  });

  it.each([
    { input: [1, 3, 16, 1], words: "max pool must see at least 2 places along every axis" },
    { input: [1, 4, 4, 1], words: "must see more than one place per channel, got [1, 1, 1, 8]" },
    { input: [1, 16, 1], words: "network input must be [batch, height, width, channels]" },
    { input: [1, 16.5, 16, 1], words: "of positive integers, got [1, 16.5, 16, 1]" },
  ])("refuses $input", ({ input, words }) => {
    expect(() => describeNetwork(unet(small), input)).toThrow(words);
  });
});

describe("unet on the CPU path", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startCpu(wasmFiles);
  });

  const network = unet({ ...small, levels: 2 });
  const input = [2, 7, 6, 1];
  const start = initialWeights(describeNetwork(network, input), seededRandom(1));
  const images = Float32Array.from({ length: 84 }, (_, i) => Math.sin(i * i));
  const batch = { images, classes: Uint8Array.from(images, (v) => (v > 0.5 ? 2 : v > 0 ? 1 : 0)) };
  const optimiser = { kind: "adamw", beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0 } as const;
  const spec = { network, input, classes: 3, loss: { crossEntropy: 1, dice: 1 }, optimiser };

  const lossOf = async (weights: Weights) => {
    const model = await engine.createModel(spec, weights);
    const loss = await model.step(batch, 0);
    model.dispose();
    return loss;
  };

  it("has a gradient that reaches its first layer, as finite differences", async () => {
    const name = "down0.a.kernel";
    const before = start.get(name) ?? new Float32Array();
    const model = await engine.createModel(spec, start);
    await model.step(batch, 1);
    const after = (await model.readWeights()).get(name) ?? new Float32Array();
    model.dispose();
    // Without moments a step is g / (|g| + 1).
    const gradient = before.map((value, index) => {
      const moved = value - (after[index] ?? 0);
      return moved / (1 - Math.abs(moved));
    });
    const steepness = Math.hypot(...gradient);
    expect(steepness).toBeGreaterThan(0.01);
    const lossAlong = (shift: number) => {
      const shifted = before.map((value, i) => value + (shift * (gradient[i] ?? 0)) / steepness);
      return lossOf(new Map(start).set(name, shifted));
    };
    const slope = ((await lossAlong(2e-3)) - (await lossAlong(-2e-3))) / 4e-3;
    expect(slope / steepness).toBeCloseTo(1, 1);
  });

  it("predicts the same whatever stands beside in the batch", async () => {
    const model = await engine.createModel(spec, start);
    const both = await model.predict(images, input);
    const second = await model.predict(images.slice(42), [1, 7, 6, 1]);
    model.dispose();
    for (const [index, value] of second.entries())
      expect(value).toBeCloseTo(both[126 + index] ?? 0, 4);
  });

  it("refuses images that do not fit its shape", async () => {
    const model = await engine.createModel(spec, start);
    await expect(model.predict(images, [1, 7, 6, 1])).rejects.toThrow(
      "images must be [1, 7, 6, 1], got 84 values",
    );
    await expect(model.predict(images, [1, 7, 6, 2])).rejects.toThrow("1 channels and rank");
    await expect(model.step({ ...batch, classes: new Uint8Array(3) }, 1)).rejects.toThrow(
      "classes must be [2, 7, 6], got 3 values",
    );
    model.dispose();
    await expect(model.readWeights()).rejects.toThrow("model must not be used after dispose");
  });

  it("refuses weights that are not its own", async () => {
    const weights = new Map(start).set("head.bias", new Float32Array(9));
    await expect(engine.createModel(spec, weights)).rejects.toThrow(
      "weight head.bias must have 3 values, got 9",
    );
  });
});
