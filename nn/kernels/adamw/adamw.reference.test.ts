import { describe, expect, it } from "vitest";
import { relativeDifference } from "../../../testing/difference.ts";
import { hasShared, type ReferenceTensor, referenceSection } from "../../../testing/reference.ts";
import { adamwReference } from "./adamw.reference.ts";

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

describe.skipIf(!hasShared)("AdamW in plain loops", () => {
  const { manifest, get } = hasShared
    ? referenceSection<{ cases: Trajectory[] }>("optim")
    : { manifest: { cases: [] }, get: () => new Float32Array() };

  it.each(manifest.cases.filter(({ optimizer }) => optimizer === "AdamW"))(
    "follows PyTorch: $name",
    ({ attrs, tensors }) => {
      const [steps = 0, size = 0] = tensors.grads.shape;
      const [beta1, beta2] = attrs.betas;
      const { eps: epsilon, weight_decay: weightDecay } = attrs;
      const spec = { kind: "adamw", beta1, beta2, epsilon, weightDecay } as const;
      const weights = Float64Array.from(get(tensors.p0));
      const state = { weights, first: new Float64Array(size), second: new Float64Array(size) };
      for (let step = 0; step < steps; step++) {
        const row = (tensor: ReferenceTensor) =>
          Float64Array.from(get(tensor).subarray(step * size, (step + 1) * size));
        adamwReference(
          state,
          row(tensors.grads),
          spec,
          attrs.lr_schedule?.[step] ?? attrs.lr,
          step + 1,
        );
        expect(relativeDifference(weights, row(tensors.params)), `step ${step}`).toBeLessThan(2e-7);
      }
    },
  );
});
