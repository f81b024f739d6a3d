import { beforeAll, describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { hasShared } from "../../testing/reference.ts";
import { sli2volReference } from "../../testing/sli2volReference.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, Weights } from "../engine.ts";
import { type AffinityDevice, wasmAffinity } from "../interpolation/affinity.ts";
import { edgeProfile } from "../interpolation/edgeProfile.ts";
import { weightCount } from "../weights.ts";
import { SLI2VOL_FEATURES, sli2vol } from "./sli2vol.ts";

it("has 811,168 weights for edge profiles of 48 channels", () => {
  expect(weightCount(describeNetwork(sli2vol, [1, 8, 8, 48]))).toBe(811_168);
});

describe.skipIf(!hasShared)("Sli2Vol against the reference", () => {
  const reference = hasShared ? sli2volReference() : null;
  let engine: Engine;
  let affinity: AffinityDevice;
  beforeAll(async () => {
    [engine, affinity] = [await createCpuEngine(), await wasmAffinity()];
  });

  it("takes one propagation step as the authors' code does, to the same masks", async () => {
    if (!reference) return;
    const { size, radius, weightCount: count, halves } = reference;
    const weights = weightsOf(reference.weights);
    expect([...weights.values()].reduce((sum, one) => sum + one.length, 0)).toBeGreaterThanOrEqual(
      count,
    );
    const input = [2, ...size, 48];
    const loss = { crossEntropy: 1, dice: 0 };
    const optimiser = {
      kind: "adamw",
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
    } as const;
    const spec = { network: sli2vol, input, classes: SLI2VOL_FEATURES, loss, optimiser };
    const model = await engine.createModel(spec, weights);
    for (const sample of [0, 1]) {
      const images = [reference.referenceImage, reference.targetImage].map(
        (all) => all[sample] as Float32Array,
      );
      const profiles = new Float32Array(2 * 480 * 48);
      for (const [at, image] of images.entries())
        profiles.set(edgeProfile(image, size), at * 480 * 48);
      const features = await model.predict(profiles, input);
      for (const [at, name] of ["feat_eval_ref", "feat_eval_tgt"].entries()) {
        const expected = halves(name)[sample] as Float32Array;
        const got = features.subarray(at * expected.length, (at + 1) * expected.length);
        expect(relativeDifference(got, expected), name).toBeLessThan(1e-4);
      }
      const shape = {
        slices: 2,
        height: 20,
        width: 24,
        channels: 64,
        radius,
        border: "zero",
      } as const;
      const stack = affinity.stack(shape, features);
      const rebuilt = stack.reconstruct(1, 0, images[0] as Float32Array);
      expect(relativeDifference(rebuilt, halves("rec_eval")[sample] as Float32Array)).toBeLessThan(
        1e-4,
      );
      const labels = halves("ref_label")[sample] as unknown as Uint8Array;
      const oneHot = new Float32Array(480 * 7);
      for (const [place, label] of labels.entries()) oneHot[place * 7 + label] = 1;
      const carried = stack.reconstruct(1, 0, oneHot);
      expect(relativeDifference(carried, halves("mask_prob")[sample] as Float32Array)).toBeLessThan(
        1e-3,
      );
      const winners = Uint8Array.from({ length: 480 }, (_, place) => {
        const own = carried.subarray(place * 7, place * 7 + 7);
        return own.indexOf(Math.max(...own));
      });
      expect(winners).toEqual(Uint8Array.from(halves("mask_argmax")[sample] as ArrayLike<number>));
    }
    model.dispose();
  });
});

/** PyTorch's names in ours; running averages as they are before training. */
function weightsOf(torch: ReadonlyMap<string, Float32Array>): Weights {
  const weights = new Map<string, Float32Array>();
  for (const [name, values] of torch) {
    const ours = name
      .replace("feature_extraction.", "")
      .replace(/^conv1\.0\.weight$/, "stem.conv.kernel")
      .replace(/^conv1\.1\./, "stem.norm.")
      .replace(/^layer(\d)\.0\./, "stage$1.a.")
      .replace(/^layer(\d)\.1\./, "stage$1.b.")
      .replace(/left\.0\.weight$/, "first.conv.kernel")
      .replace(/left\.1\./, "first.norm.")
      .replace(/left\.3\.weight$/, "second.conv.kernel")
      .replace(/left\.4\./, "second.norm.")
      .replace(/shortcut\.0\.weight$/, "shortcut.conv.kernel")
      .replace(/shortcut\.1\./, "shortcut.norm.")
      .replace(/^post_convolution\.weight$/, "head.kernel")
      .replace(/^post_convolution\.bias$/, "head.bias")
      .replace(/norm\.weight$/, "norm.scale")
      .replace(/norm\.bias$/, "norm.shift");
    weights.set(ours, values);
    if (!ours.endsWith("norm.scale")) continue;
    const norm = ours.slice(0, -"scale".length);
    weights.set(`${norm}mean`, new Float32Array(values.length));
    weights.set(`${norm}variance`, new Float32Array(values.length).fill(1));
  }
  return weights;
}
