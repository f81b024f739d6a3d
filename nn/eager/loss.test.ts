import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { lossExamples } from "../../testing/lossReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import type { LossSpec } from "../engine.ts";
import { maskedLoss, targetOf } from "./loss.ts";
import { startCpu } from "./startCpu.ts";

const crossEntropy: LossSpec = { crossEntropy: 1, dice: 0 };
const dice: LossSpec = { crossEntropy: 0, dice: 1 };

beforeAll(async () => {
  await startCpu(wasmFiles);
});

async function lossOf(
  logits: Float32Array,
  labels: Uint8Array,
  classes: number,
  spec: LossSpec,
  samples = 1,
) {
  const target = targetOf(labels, classes);
  const x = tf.tensor2d(logits, [labels.length, classes]);
  const { value, grad } = tf.valueAndGrad((input: tf.Tensor) =>
    maskedLoss(input, target, spec, samples),
  )(x);
  const result = { value: (await value.data())[0] ?? Number.NaN, gradient: await grad.data() };
  tf.dispose([x, value, grad, target.oneHot, target.known]);
  return result;
}

describe.skipIf(!hasShared)("masked loss as the reference", () => {
  it.each(hasShared ? lossExamples() : [])("$name", async (one) => {
    const { labels, classes } = one;
    const got = await lossOf(one.logits, labels, classes, one.spec, one.samples);
    expect(Math.abs(got.value - one.value)).toBeLessThan(2e-6 * Math.max(1, one.value));
    expect(relativeDifference(got.gradient, one.gradient)).toBeLessThan(1e-5);
    // Exactly zero where nobody annotated.
    for (const [place, one] of labels.entries()) {
      if (one !== 255) continue;
      const at = place * classes;
      expect([...got.gradient.slice(at, at + classes)].every((g) => g === 0)).toBe(true);
    }
  });
});

describe("masked loss", () => {
  const logits = Float32Array.from({ length: 24 }, (_, i) => Math.sin(3 * i));

  it("is 0 with zero gradient when nothing is annotated", async () => {
    const labels = new Uint8Array(12).fill(255);
    const got = await lossOf(logits, labels, 2, { crossEntropy: 1, dice: 1 });
    expect(got.value).toBe(0);
    expect([...got.gradient].every((one) => one === 0)).toBe(true);
  });

  it("adds its terms by their weights", async () => {
    const labels = Uint8Array.from({ length: 12 }, (_, i) => [0, 1, 255][i % 3] ?? 0);
    const [ce, overlap, both] = await Promise.all([
      lossOf(logits, labels, 2, crossEntropy),
      lossOf(logits, labels, 2, dice),
      lossOf(logits, labels, 2, { crossEntropy: 0.5, dice: 2 }),
    ]);
    expect(both.value).toBeCloseTo(0.5 * ce.value + 2 * overlap.value, 5);
    const sum = ce.gradient.map((one, i) => 0.5 * one + 2 * (overlap.gradient[i] ?? 0));
    expect(relativeDifference(both.gradient, sum)).toBeLessThan(1e-5);
  });

  it("falls with its gradient as finite differences do", async () => {
    const labels = Uint8Array.from({ length: 12 }, (_, i) => [0, 1, 1, 255][i % 4] ?? 0);
    const spec = { crossEntropy: 1, dice: 1 };
    const { gradient } = await lossOf(logits, labels, 2, spec);
    for (const index of [0, 3, 4, 9, 21]) {
      const at = async (shift: number) => {
        const moved = logits.slice();
        moved[index] = (moved[index] ?? 0) + shift;
        return (await lossOf(moved, labels, 2, spec)).value;
      };
      const slope = ((await at(0.02)) - (await at(-0.02))) / 0.04;
      expect(gradient[index]).toBeCloseTo(slope, 3);
    }
  });

  it("refuses a class the network does not have", () => {
    expect(() => targetOf(Uint8Array.of(0, 3), 2)).toThrow(
      "classes must be 0..1 or 255 for unannotated, got 3",
    );
  });
});
