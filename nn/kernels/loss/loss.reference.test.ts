import { describe, expect, it } from "vitest";
import { relativeDifference } from "../../../testing/difference.ts";
import { hasShared, type ReferenceTensor, referenceSection } from "../../../testing/reference.ts";
import { channelsLast } from "../../../testing/torchLayout.ts";
import { lossReference } from "./loss.reference.ts";

interface LossCase {
  readonly name: string;
  readonly value: number;
  readonly attrs: { readonly classes: number };
  readonly tensors: Readonly<Record<"logits" | "label" | "g_logits", ReferenceTensor>>;
}

describe.skipIf(!hasShared)("the loss in plain loops", () => {
  it.each([
    ["ce_plain_2d", { crossEntropy: 1, dice: 0 }],
    ["ce_masked_2d", { crossEntropy: 1, dice: 0 }],
    ["ce_masked_large_logits", { crossEntropy: 1, dice: 0 }],
    ["ce_single_counted_voxel", { crossEntropy: 1, dice: 0 }],
    ["dice_masked_2d_batch_nobg", { crossEntropy: 0, dice: 1 }],
  ])("is the reference's %s", (name, spec) => {
    const { manifest, get } = referenceSection<{ cases: LossCase[] }>("losses");
    const found = manifest.cases.find((one) => one.name === name);
    if (!found) throw new Error(`no reference case ${name}`);
    const { logits, label, g_logits: expected } = found.tensors;
    const last = (tensor: ReferenceTensor) =>
      Float64Array.from(channelsLast(get(tensor) as Float32Array, tensor.shape));
    const labels = get(label) as Uint8Array;
    const { loss, gradient } = lossReference(last(logits), labels, found.attrs.classes, spec);
    expect(Math.abs(loss - found.value)).toBeLessThan(1e-7 * Math.max(1, found.value));
    expect(relativeDifference(gradient, last(expected))).toBeLessThan(1e-6);
  });
});
