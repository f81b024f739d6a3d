import type { Resampling } from "../kernels/resample/resample.reference.ts";
import type { NormKind } from "../ops.ts";
import type { Delivery, Mask, ValueId } from "./delivery.ts";
import type { TokenGradientNode, TokenNode } from "./tokenNodes.ts";

export type { Delivery, Mask, ValueId };

/** A tensor of a graph, channels-last: [batch, ..spatial, channels]. */
export interface Value {
  readonly shape: readonly number[];
  /**
   * Set when the value has no storage of its own: it is the channels of `of` from `channel`
   * on. A concatenation costs nothing, because its parts are written where they belong.
   */
  readonly view?: { readonly of: ValueId; readonly channel: number };
  /** Set for a gradient: the value that it is the gradient by. */
  readonly gradientOf?: ValueId;
}

/** Window of a convolution; `size` and `dilation` along every spatial axis. */
export interface ConvWindow {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Names of the weights of one op. `bias` is null where there is none. */
export interface ConvWeights {
  readonly kernel: string;
  readonly bias: string | null;
}

/** Slope below zero of the activation applied to a result (0: ReLU), null for none. */
export type Activation = number | null;

/** Over what a norm takes mean and variance; see `NormKind`. */
export interface NormScope {
  readonly over: NormKind;
  readonly epsilon: number;
  readonly scale: string;
  readonly shift: string;
  /** Whether there are scale and shift; without them they stand for 1 and 0. */
  readonly affine: boolean;
}

/** Names of the running mean and variance of a batch norm. */
export interface Running {
  readonly mean: string;
  readonly variance: string;
}

/** Ops that compute a value from others; meanings as in `nn/ops.ts`. */
export type ForwardNode =
  | ({ readonly kind: "conv"; readonly x: ValueId; readonly y: ValueId } & ConvWindow &
      ConvWeights & { readonly activation: Activation })
  | ({
      readonly kind: "convTransposed";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly size: number;
      readonly stride: number;
      readonly activation: Activation;
    } & ConvWeights)
  | ({
      readonly kind: "norm";
      readonly x: ValueId;
      readonly y: ValueId;
      /**
       * [samples, 2, channels]: mean and 1 / sqrt(variance + epsilon), for the gradient; one
       * sample where all share theirs.
       */
      readonly statistics: ValueId;
      /** Set where predictions use running statistics. */
      readonly running: Running | null;
      readonly activation: Activation;
    } & NormScope)
  /** A batch norm that predicts: by its running statistics. */
  | ({
      readonly kind: "normStored";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly running: Running;
      readonly activation: Activation;
    } & NormScope)
  | {
      readonly kind: "add";
      readonly x: ValueId;
      readonly other: ValueId;
      readonly y: ValueId;
      readonly activation: Activation;
    }
  /** `gate` has the channels of x, or one for all of them. */
  | {
      readonly kind: "multiply";
      readonly x: ValueId;
      readonly gate: ValueId;
      readonly y: ValueId;
    }
  | { readonly kind: "sigmoid"; readonly x: ValueId; readonly y: ValueId }
  | { readonly kind: "prelu"; readonly x: ValueId; readonly y: ValueId; readonly slope: string }
  | {
      readonly kind: "activate";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly activation: number;
    }
  | { readonly kind: "maxPool"; readonly x: ValueId; readonly y: ValueId }
  | { readonly kind: "upsample"; readonly x: ValueId; readonly y: ValueId }
  /** Mixes along one axis of the shape; `y` is as `x` but along it. */
  | {
      readonly kind: "resample";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly axis: number;
      readonly how: Resampling;
    }
  | { readonly kind: "copy"; readonly x: ValueId; readonly y: ValueId }
  /** Once concatenations are placed every part is a view of `y`: nothing is left to do. */
  | { readonly kind: "concat"; readonly parts: readonly ValueId[]; readonly y: ValueId }
  | TokenNode;

/** Ops of the backward pass. `dy` is the gradient by the result before its activation. */
export type BackwardNode =
  /** The loss of logits `x` against the batch's classes, and its gradient `dx`. */
  | { readonly kind: "loss"; readonly x: ValueId; readonly dx: ValueId }
  | ({ readonly kind: "convInputGradient"; readonly dy: ValueId } & ConvWindow &
      ConvWeights &
      Delivery)
  | ({
      readonly kind: "convWeightGradient";
      readonly x: ValueId;
      readonly dy: ValueId;
    } & ConvWindow &
      ConvWeights)
  | ({
      readonly kind: "convTransposedInputGradient";
      readonly dy: ValueId;
      readonly size: number;
      readonly stride: number;
    } & ConvWeights &
      Delivery)
  | ({
      readonly kind: "convTransposedWeightGradient";
      readonly x: ValueId;
      readonly dy: ValueId;
      readonly size: number;
      readonly stride: number;
    } & ConvWeights)
  /** Also gives the gradients of `scale` and `shift`, where there are any. */
  | ({
      readonly kind: "normGradient";
      readonly x: ValueId;
      readonly statistics: ValueId;
      readonly dy: ValueId;
    } & NormScope &
      Delivery)
  /** By x: dy times the gate. */
  | ({ readonly kind: "multiplyGradient"; readonly gate: ValueId; readonly dy: ValueId } & Delivery)
  /** By the gate: dy times x, summed over the channels where the gate has one. */
  | ({ readonly kind: "gateGradient"; readonly x: ValueId; readonly dy: ValueId } & Delivery)
  /** dy s (1 - s) for the sigmoid s. */
  | ({
      readonly kind: "sigmoidGradient";
      readonly result: ValueId;
      readonly dy: ValueId;
    } & Delivery)
  /** Also gives the gradient of `slope`. */
  | ({
      readonly kind: "preluGradient";
      readonly x: ValueId;
      readonly dy: ValueId;
      readonly slope: string;
    } & Delivery)
  /** `dy` goes to the first largest of each window of `x`, in row-major order. */
  | ({ readonly kind: "maxPoolGradient"; readonly x: ValueId; readonly dy: ValueId } & Delivery)
  | ({
      readonly kind: "resampleGradient";
      readonly dy: ValueId;
      readonly axis: number;
      readonly how: Resampling;
    } & Delivery)
  | ({ readonly kind: "upsampleGradient"; readonly dy: ValueId } & Delivery)
  /** `dy` as it is. With `dy` = `dx` (not accumulated) only the mask is applied, in place. */
  | ({ readonly kind: "pass"; readonly dy: ValueId } & Delivery)
  | TokenGradientNode;

export type PlanNode = ForwardNode | BackwardNode;

/** A network as data. Nodes stand in an order in which they can be run. */
export interface Graph {
  readonly values: readonly Value[];
  readonly nodes: readonly ForwardNode[];
  /** name -> shape, in order of first use. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
  /** name -> shape of the running statistics. */
  readonly statistics: ReadonlyMap<string, readonly number[]>;
  readonly input: ValueId;
  readonly output: ValueId;
}

/** Values a node reads, its own output excluded (see `Delivery.accumulate`). */
export function readsOf(node: PlanNode): ValueId[] {
  if (node.kind === "concat") return [...node.parts];
  const reads: ValueId[] = [];
  for (const field of ["x", "other", "gate", "key", "value", "result"] as const)
    if (field in node) reads.push((node as unknown as Record<typeof field, ValueId>)[field]);
  if ("dy" in node) {
    reads.push(node.dy);
    if ("statistics" in node) reads.push(node.statistics);
    if ("dx" in node) {
      if (node.mask) reads.push(node.mask.y);
      if (node.accumulate) reads.push(node.dx);
    }
  }
  return reads;
}

/** Names of the weights a node of the forward pass owns. */
export function weightsOf(node: ForwardNode): string[] {
  const names: (string | null)[] = [];
  if ("kernel" in node) names.push(node.kernel, node.bias);
  if ("scale" in node && (!("affine" in node) || node.affine)) names.push(node.scale, node.shift);
  if (node.kind === "prelu") names.push(node.slope);
  if ("table" in node) names.push(node.table);
  if ("token" in node) names.push(node.token);
  return names.filter((name) => name !== null);
}

/** Values a node writes. */
export function writesOf(node: PlanNode): ValueId[] {
  const writes: ValueId[] = "y" in node ? [node.y] : "dx" in node ? [node.dx] : [];
  const fillsStatistics = "y" in node || node.kind === "attentionQueryGradient";
  if ("statistics" in node && fillsStatistics) writes.push(node.statistics);
  return writes;
}

/** The value that holds the storage of `id`, and where its channels start there. */
export function storageOf(
  values: readonly Value[],
  id: ValueId,
): { readonly root: ValueId; readonly channel: number } {
  let root = id;
  let channel = 0;
  for (let view = values[root]?.view; view; view = values[root]?.view) {
    root = view.of;
    channel += view.channel;
  }
  return { root, channel };
}

/** Shape of a value. @throws RangeError when the graph has no such value */
export function shapeOf(values: readonly Value[], id: ValueId): readonly number[] {
  const value = values[id];
  if (!value) throw new RangeError(`value must be one of ${values.length}, got ${id}`);
  return value.shape;
}

/** Number of elements of a shape. */
export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Batch, places and channels of a channels-last shape, 2D as 3D with depth 1. */
export function extents(shape: readonly number[]): {
  readonly batch: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
} {
  const [batch = 1, ...rest] = shape;
  const channels = rest.pop() ?? 1;
  const [depth = 1, height = 1, width = 1] = rest.length === 2 ? [1, ...rest] : rest;
  return { batch, depth, height, width, channels };
}
