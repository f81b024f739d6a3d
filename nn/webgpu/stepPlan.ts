import { PlannerError } from "#core/errors.ts";
import type { LossSpec, OptimiserSpec } from "../engine.ts";
import { clearKernel } from "../kernels/activation/pass.wgsl.ts";
import { reduceGradientsKernel } from "../kernels/adamw/adamw.wgsl.ts";
import { lifetimes, placeInArena } from "../plan/arena.ts";
import type { DifferentiatedGraph } from "../plan/differentiate.ts";
import { type Graph, type PlanNode, readsOf, type ValueId } from "../plan/graph.ts";
import type { BehindImage } from "./behindImage.ts";
import { ChannelLayout, type Channels } from "./channels.ts";
import { FlatWeights } from "./flatWeights.ts";
import { type BlockPlace, type Dispatch, packUniforms, uniformStride } from "./kernel.ts";
import { Lowering, readsImage } from "./lowering.ts";
import { isNoLoss, lowerImage, lowerLoss, lowerNode } from "./lowerNode.ts";
import { lowerRunning } from "./lowerNorm.ts";
import { optimiserKernel } from "./optimiser.ts";
import type { Tuning } from "./tuning.ts";

/** Everything a step does, with storage placed: plain data, no device. */
export interface StepPlan {
  readonly dispatches: readonly Dispatch[];
  /** Uniforms of all dispatches, `uniformStride` bytes each. */
  readonly uniforms: Uint8Array<ArrayBuffer>;
  /** Bytes. */
  readonly sizes: {
    readonly arena: number;
    readonly partials: number;
    readonly image: number;
    readonly labels: number;
  };
  /** What lies behind the image in its buffer. */
  readonly behindImage: BehindImage;
  /** For the pass that adds up gradients; empty for inference. */
  readonly ranges: Int32Array<ArrayBuffer>;
  /** Byte of the loss in the arena; null for inference. */
  readonly lossByte: number | null;
  /** The dispatches of the loss, and where they leave its gradient; null for inference. */
  readonly loss: {
    readonly from: number;
    readonly to: number;
    readonly gradient: PlacedValue;
  } | null;
  /** Byte of a block in the arena. */
  readonly byteOf: (block: number) => number;
  /** The network's output in the arena. */
  readonly output: PlacedValue;
}

/** A value in the arena. */
export interface PlacedValue {
  /** Of its block. */
  readonly byte: number;
  readonly bytes: number;
  /** Floats from place to place, and before the first channel. */
  readonly pitch: number;
  readonly start: number;
  readonly channels: Channels;
  readonly shape: readonly number[];
}

/** What a device allows and prefers. */
export interface DeviceTraits {
  readonly tuning: Tuning;
  /** Largest storage binding, bytes. */
  readonly capacity: number;
}

const alignment = 256;

/** The flat weights of a network; the same for every input size. */
export function flatWeightsOf(graph: Graph): FlatWeights {
  return new FlatWeights(graph, new ChannelLayout(graph), (node) => readsImage(graph, node));
}

/** Plans one training step: forward, loss, backward, update. */
export function planTraining(
  graph: DifferentiatedGraph,
  weights: FlatWeights,
  spec: { readonly loss: LossSpec; readonly optimiser: OptimiserSpec },
  traits: DeviceTraits,
): StepPlan {
  const lowering = lowerForward(graph, weights, traits);
  const [node] = graph.backward;
  if (node?.kind !== "loss") throw new RangeError("the backward pass must start with the loss");
  const from = lowering.dispatches.length;
  const loss = lowerLoss(lowering, node, spec.loss);
  const dispatches = { from, to: lowering.dispatches.length, gradient: node.dx };
  lowerBackward(lowering, graph);
  // The optimiser asks whether the loss is a number.
  if (isNoLoss(spec.loss)) lowering.emit(clearKernel, 1, { tAt: loss });
  lowerRunning(lowering, graph, loss);
  lowering.emit(optimiserKernel(spec.optimiser), weights.learned, {
    size: weights.vec4s,
    learned: weights.learned,
    lossAt: loss,
  });
  return finish(graph, lowering, traits, loss, [loss.block], [], dispatches);
}

/**
 * Plans forward and backward pass for a gradient by the output that the caller writes into
 * the value of the loss's `dx` beforehand. Values named in `kept` can be read afterwards.
 */
export function planGradients(
  graph: DifferentiatedGraph,
  weights: FlatWeights,
  traits: DeviceTraits,
  kept: readonly ValueId[],
): StepPlan {
  const lowering = lowerForward(graph, weights, traits);
  lowerBackward(lowering, graph);
  const given = graph.backward.flatMap((node) => (node.kind === "loss" ? [node.dx] : []));
  return finish(graph, lowering, traits, null, kept, given);
}

function lowerBackward(lowering: Lowering, graph: DifferentiatedGraph): void {
  // Kernels of the convolutions that read the image as scalars.
  const direct = new Set(
    graph.nodes.flatMap((n) => ("kernel" in n && readsImage(graph, n) ? [n.kernel] : [])),
  );
  for (const node of graph.backward)
    if (node.kind !== "loss")
      lowerNode(lowering, node, "kernel" in node && direct.has(node.kernel));
  const size = lowering.weights.vec4s;
  lowering.emit(reduceGradientsKernel, size, { size });
}

/** Plans one forward pass. */
export function planInference(graph: Graph, weights: FlatWeights, traits: DeviceTraits): StepPlan {
  const lowering = lowerForward(graph, weights, traits);
  const { block } = lowering.layout.strip(graph.output);
  return finish(graph, lowering, traits, null, [block]);
}

function lowerForward(graph: Graph, weights: FlatWeights, traits: DeviceTraits): Lowering {
  const lowering = new Lowering(graph, new ChannelLayout(graph), weights, traits.tuning);
  const needsCopy = (node: PlanNode) =>
    readsOf(node).includes(graph.input) && !("y" in node && readsImage(graph, node));
  if (graph.nodes.some(needsCopy)) lowerImage(lowering);
  for (const node of graph.nodes)
    if (node.kind !== "concat") lowerNode(lowering, node, readsImage(graph, node));
  return lowering;
}

function finish(
  graph: Graph,
  lowering: Lowering,
  traits: DeviceTraits,
  loss: BlockPlace | null,
  after: readonly number[],
  before: readonly number[] = [],
  lossAt: { readonly from: number; readonly to: number; readonly gradient: ValueId } | null = null,
): StepPlan {
  const { dispatches, partials, layout, weights, behindImage } = lowering;
  const accesses = dispatches.map(({ uniforms }) => ({ reads: blocksOf(uniforms), writes: [] }));
  const bytesOf = (block: number) => lowering.bytesOf(block);
  const arena = placeInArena(lifetimes(accesses, { before, after }), bytesOf, alignment, Infinity);
  const size = Math.max(arena.sizes[0] ?? 0, alignment);
  const needed = Math.max(size, partials.vec4s * 16);
  if (needed > traits.capacity)
    throw new PlannerError(
      "device",
      `a step on [${lowering.shape(graph.input).join(", ")}] needs ${megabytes(needed)} MB in one buffer and this device allows ${megabytes(traits.capacity)} MB; use a smaller batch or patch`,
    );
  const byteOf = (block: number) => arena.places.get(block)?.offset ?? 0;
  const vec4Of = ({ block, vec4 }: BlockPlace) => byteOf(block) / 16 + vec4;
  const uniforms = new Uint8Array(dispatches.length * uniformStride);
  dispatches.forEach((dispatch, i) => {
    uniforms.set(new Uint8Array(packUniforms(dispatch, vec4Of)), i * uniformStride);
  });
  const batchPlaces = lowering.places(graph.input);
  return {
    dispatches,
    uniforms,
    sizes: {
      arena: size,
      partials: Math.max(partials.vec4s * 16, alignment),
      image: behindImage.floats * 4,
      labels: Math.ceil(batchPlaces / 4) * 4,
    },
    ranges: lowering.tables.joined(partials.table(weights.vec4s)),
    behindImage,
    byteOf,
    lossByte: loss && vec4Of(loss) * 16,
    loss: lossAt && { ...lossAt, gradient: placed(lossAt.gradient) },
    output: placed(graph.output),
  };

  function placed(id: ValueId): PlacedValue {
    const { block, pitch, start } = layout.strip(id);
    return {
      ...{ byte: byteOf(block), bytes: bytesOf(block), pitch: pitch * 4, start: start * 4 },
      ...{ channels: layout.of(id), shape: lowering.shape(id) },
    };
  }
}

const blocksOf = (uniforms: Dispatch["uniforms"]): number[] =>
  Object.values(uniforms).flatMap((value) =>
    typeof value === "object" && "block" in value ? [value.block] : [],
  );

const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
