import type { LossSpec } from "#nn/engine.ts";
import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { channelsLast } from "./torchLayout.ts";

interface LossCase {
  readonly name: string;
  readonly loss: string;
  readonly value: number;
  readonly attrs: {
    readonly classes: number;
    readonly weight?: readonly number[];
    readonly include_background?: boolean;
    readonly batch?: boolean;
    readonly gamma?: number;
    readonly alpha?: number;
    readonly smooth_nr?: number;
  };
  readonly tensors: Readonly<Record<"logits" | "label" | "g_logits", ReferenceTensor>>;
}

/** A loss of the reference files as this program says it, with what it must give. */
export interface LossExample {
  readonly name: string;
  readonly spec: LossSpec;
  readonly classes: number;
  readonly samples: number;
  /** [places, classes] */
  readonly logits: Float32Array;
  readonly labels: Uint8Array;
  readonly value: number;
  /** [places, classes] */
  readonly gradient: Float32Array;
}

/**
 * Every case of the reference losses that is offered: cross entropy, Dice and softmax focal, and
 * their sums. Left out are a sigmoid focal, its alpha, another smoothing than 1e-5, and a focal
 * without background.
 */
export function lossExamples(): LossExample[] {
  const { manifest, get } = referenceSection<{ cases: LossCase[] }>("losses");
  const last = (tensor: ReferenceTensor) => channelsLast(get(tensor) as Float32Array, tensor.shape);
  return manifest.cases.filter(isOffered).map((one) => ({
    name: one.name,
    spec: specOf(one),
    classes: one.attrs.classes,
    samples: one.tensors.logits.shape[0] ?? 1,
    logits: last(one.tensors.logits),
    labels: get(one.tensors.label) as Uint8Array,
    value: one.value,
    gradient: last(one.tensors.g_logits),
  }));
}

function isOffered({ loss, attrs }: LossCase): boolean {
  if (attrs.alpha !== undefined || attrs.smooth_nr !== undefined) return false;
  if (loss === "focal") return attrs.include_background !== false && attrs.gamma !== 0;
  return ["ce", "dice", "dice_ce", "dice_focal"].includes(loss);
}

function specOf({ loss, attrs }: LossCase): LossSpec {
  return {
    crossEntropy: loss === "ce" || loss === "dice_ce" ? 1 : 0,
    dice: loss.startsWith("dice") ? 1 : 0,
    diceBackground: attrs.include_background ?? true,
    dicePerSample: !attrs.batch,
    // The reference divides the focal part by the classes too, as MONAI does.
    focal: loss.endsWith("focal") ? 1 / attrs.classes : 0,
    gamma: attrs.gamma ?? 2,
    ...(attrs.weight ? { classWeights: attrs.weight } : {}),
  };
}
