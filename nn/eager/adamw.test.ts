import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { type AdamwState, adamwUpdate } from "./adamw.ts";
import { startCpu } from "./startCpu.ts";

interface Trajectory {
  readonly name: string;
  readonly optimizer: string;
  readonly attrs: {
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weight_decay: number;
    readonly lr_schedule?: readonly number[];
  };
  readonly tensors: Readonly<Record<"p0" | "grads" | "params", ReferenceTensor>>;
}

describe.skipIf(!hasShared)("AdamW as PyTorch", () => {
  beforeAll(async () => {
    await startCpu(wasmFiles);
  });

  const { manifest, get } = hasShared
    ? referenceSection<{ cases: Trajectory[] }>("optim")
    : { manifest: { cases: [] }, get: () => new Float32Array() };

  it.each(manifest.cases.filter(({ optimizer }) => optimizer === "AdamW"))("$name", async (one) => {
    const { attrs, tensors } = one;
    const [steps = 0, size = 0] = tensors.grads.shape;
    const [beta1, beta2] = attrs.betas;
    const spec = {
      kind: "adamw",
      beta1,
      beta2,
      epsilon: attrs.eps,
      weightDecay: attrs.weight_decay,
    } as const;
    const grads = get(tensors.grads);
    const expected = get(tensors.params);
    let state: AdamwState = {
      parameters: tf.tensor1d(get(tensors.p0) as Float32Array),
      first: tf.zeros([size]),
      second: tf.zeros([size]),
    };
    for (let step = 0; step < steps; step++) {
      const row = (values: ArrayLike<number>) =>
        Float32Array.from({ length: size }, (_, i) => values[step * size + i] ?? 0);
      const rate = attrs.lr_schedule?.[step] ?? attrs.lr;
      const before = state;
      state = tf.tidy(() => ({
        ...adamwUpdate(before, tf.tensor1d(row(grads)), spec, rate, step + 1),
      }));
      const got = await state.parameters.data();
      expect(relativeDifference(got, row(expected)), `step ${step}`).toBeLessThan(5e-6);
    }
  });
});
