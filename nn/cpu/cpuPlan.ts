import { PlannerError } from "#core/errors.ts";
import type { LossSpec } from "../engine.ts";
import { fullLoss } from "../kernels/loss/loss.reference.ts";
import { statisticsLength } from "../kernels/wasm/opCalls.ts";
import { type TensorView, viewOf } from "../kernels/wasm/tensorView.ts";
import type { Call } from "../kernels/wasm/work.ts";
import { slackBytes, Workspace } from "../kernels/wasm/workspace.ts";
import type { Network } from "../ops.ts";
import { type Access, lifetimes, placeInArena } from "../plan/arena.ts";
import { type DifferentiatedGraph, differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import {
  type BackwardNode,
  elements,
  type Graph,
  type PlanNode,
  readsOf,
  shapeOf,
  storageOf,
  type ValueId,
  writesOf,
} from "../plan/graph.ts";
import { record } from "../plan/record.ts";
import type { Addresses } from "./addresses.ts";
import type { MeasuredBatch } from "./cpuWeights.ts";
import type { Executor, Program } from "./executor.ts";
import { backwardCalls, forwardCall } from "./planCalls.ts";
import type { WeightLayout } from "./weightLayout.ts";

/** Bytes that a 32-bit WebAssembly memory can have. */
export const memoryLimit = 2 ** 32 - 65536;

/** A network on inputs of one shape as calls of kernels on fixed addresses. */
export interface CpuPlan {
  /** First address after everything the plan touches, bytes. */
  readonly end: number;
  readonly input: TensorView;
  readonly output: TensorView;
  /** Lists of places that each run needs first. */
  readonly indices: ReadonlyMap<string, PlannedList>;
  /** Tables that must be in memory before the first call. */
  writeTables(buffer: ArrayBufferLike): void;
  forward(): void;
  /** Must not be used afterwards. */
  dispose(): void;
}

/** Room for a list of places. */
export interface PlannedList {
  readonly address: number;
  readonly count: number;
  /** Places there are to pick from. */
  readonly from: number;
}

/** A plan that also trains. */
export interface TrainingPlan extends CpuPlan {
  /** Address of the classes, one byte a place. */
  readonly labels: number;
  /** The loss of the output; its gradient is kept for `backward`. */
  loss(): number;
  /** Where `backward` finds the gradient by the output. */
  readonly outputGradient: TensorView;
  /** Adds to the gradients of the weights. */
  backward(): void;
  /** What batch norms measured; there after `backward`. */
  readonly measured: readonly MeasuredBatch[];
}

/**
 * Plans a forward pass.
 *
 * @param layout - where the weights lie; the plan lies behind them
 * @param input - [batch, ..spatial, channels]
 * @throws PlannerError "argument" for a size the network cannot take, "device" when it does not
 *   fit into memory
 */
export function planForward(
  executor: Executor,
  layout: WeightLayout,
  network: Network,
  input: readonly number[],
): CpuPlan {
  const graph = placeConcats(fuse(record(network, input, "inference")));
  const { workspace, calls, plan } = compile(executor, layout, graph, []);
  const { run, dispose } = executor.prepare(calls.flatMap((call) => call()));
  return { ...plan, end: requireFit(workspace.end, input), forward: run, dispose };
}

/**
 * Plans a training step.
 *
 * @throws PlannerError as `planForward`
 */
export function planTraining(
  executor: Executor,
  layout: WeightLayout,
  { network, input, loss }: { network: Network; input: readonly number[]; loss: LossSpec },
): TrainingPlan {
  const graph = differentiate(placeConcats(fuse(record(network, input))));
  const { workspace, addresses, calls, plan } = compile(executor, layout, graph, graph.backward);
  const backward: Call[] = [];
  let lossCall = () => Number.NaN;
  let outputGradient = plan.output;
  const places = elements(input.slice(0, -1));
  const labels = workspace.table(new Int32Array(Math.ceil(places / 4)));
  for (const node of graph.backward) {
    if (node.kind !== "loss") {
      backward.push(...backwardCalls(node, addresses));
      continue;
    }
    const [z, dz] = [addresses.view(node.x), addresses.view(node.dx)];
    outputGradient = dz;
    const full = fullLoss(loss, z.channels);
    const groups = full.dicePerSample ? (input[0] ?? 1) : 1;
    const sums = workspace.table(new Float32Array(6 * z.channels * groups));
    const weights = workspace.table(Float32Array.from(full.classWeights));
    lossCall = () =>
      executor.kernels.lossAndGradient(
        ...[z.address, labels, dz.address, sums, weights, places, z.channels, groups],
        ...[full.firstClass, full.crossEntropy, full.dice, full.focal, full.gamma],
      );
  }
  const end = requireFit(workspace.end, input);
  const [forward, gradient] = [calls, backward].map((some) =>
    executor.prepare(some.flatMap((call) => call())),
  ) as [Program, Program];
  return {
    ...{ ...plan, end, labels, outputGradient, measured: measuredBy(graph, addresses) },
    forward: forward.run,
    loss: lossCall,
    backward: gradient.run,
    dispose: () => {
      forward.dispose();
      gradient.dispose();
    },
  };
}

/** A graph with its backward pass, for a gradient by the output that the caller writes. */
export interface GradientPlan extends CpuPlan {
  backward(): void;
  /** Where a value lies. Those not named in `kept` are overwritten on the way. */
  view(id: ValueId): TensorView;
}

/**
 * Plans forward and backward pass without a loss.
 *
 * @param kept - values that can be read afterwards
 * @throws PlannerError as `planForward`
 */
export function planGradients(
  executor: Executor,
  layout: WeightLayout,
  graph: DifferentiatedGraph,
  kept: readonly ValueId[],
): GradientPlan {
  const { workspace, addresses, calls, plan } = compile(
    ...([executor, layout, graph, graph.backward, kept] as const),
  );
  const backward = graph.backward.flatMap((node) =>
    node.kind === "loss" ? [] : backwardCalls(node, addresses),
  );
  const [forward, gradient] = [calls, backward].map((some) =>
    executor.prepare(some.flatMap((call) => call())),
  ) as [Program, Program];
  return {
    ...{ ...plan, end: workspace.end, view: addresses.view },
    forward: forward.run,
    backward: gradient.run,
    dispose: () => {
      forward.dispose();
      gradient.dispose();
    },
  };
}

function measuredBy({ nodes, values }: Graph, { view }: Addresses): MeasuredBatch[] {
  return nodes.flatMap((node) => {
    if (node.kind !== "norm" || !node.running) return [];
    const shape = shapeOf(values, node.x);
    return {
      ...{ running: node.running, epsilon: node.epsilon, channels: shape.at(-1) ?? 1 },
      ...{ statistics: view(node.statistics).address, count: elements(shape.slice(0, -1)) },
    };
  });
}

function compile(
  executor: Executor,
  layout: WeightLayout,
  graph: Graph,
  backward: readonly BackwardNode[],
  kept: readonly ValueId[] = [],
) {
  requireSlopes(graph);
  const shape = shapeOf(graph.values, graph.input);
  const { addressOf, end } = placeValues(graph, backward, layout.end, kept);
  const workspace = new Workspace(end + slackBytes, executor.sharing);
  const view = (id: ValueId): TensorView => {
    const { root, channel } = storageOf(graph.values, id);
    const pitch = shapeOf(graph.values, root).at(-1);
    return viewOf(shapeOf(graph.values, id), addressOf(root) + 4 * channel, pitch);
  };
  const indices = new Map<string, PlannedList>();
  const addresses: Addresses = {
    index: (name, count, from) => {
      const known = indices.get(name);
      if (known && known.count !== count)
        throw new PlannerError(
          "argument",
          `list ${name} must have one length, got ${known.count} and ${count}`,
        );
      const address = known?.address ?? workspace.table(new Int32Array(count));
      const list = { address, count, from: from ?? known?.from ?? 0 };
      indices.set(name, list);
      return list.address;
    },
    ...{ workspace, rank: shape.length, view },
    weight: (name) => (name === null ? 0 : layout.weight(name)),
    gradient: (name) => (name === null ? 0 : layout.gradient(name)),
  };
  const calls = graph.nodes.flatMap((node) => forwardCall(node, addresses) ?? []);
  const plan = {
    ...{ input: view(graph.input), output: view(graph.output), indices },
    writeTables: (buffer: ArrayBufferLike) => workspace.writeTables(buffer),
  };
  return { workspace, addresses, calls, plan };
}

/** Storage of every value, shared by those that are never needed at the same time. */
function placeValues(
  graph: Graph,
  backward: readonly BackwardNode[],
  start: number,
  kept: readonly ValueId[],
) {
  const { values } = graph;
  const rootOf = (id: ValueId) => storageOf(values, id).root;
  const access = (node: PlanNode): Access => ({
    reads: readsOf(node).map(rootOf),
    writes: writesOf(node).map(rootOf),
  });
  const nodes = [...graph.nodes, ...backward].filter(({ kind }) => kind !== "concat");
  // Batch statistics are read when the step is done.
  const measurements = graph.nodes.flatMap((node) =>
    node.kind === "norm" && node.running && backward.length > 0 ? [node.statistics] : [],
  );
  const lives = lifetimes(nodes.map(access), {
    before: [rootOf(graph.input)],
    after: [graph.output, ...kept, ...measurements].map(rootOf),
  });
  const statistics = new Map<ValueId, number>();
  for (const node of graph.nodes) {
    if (node.kind !== "norm") continue;
    const [samples = 1, , channels = 1] = shapeOf(values, node.statistics);
    statistics.set(node.statistics, statisticsLength(samples, channels));
  }
  const bytesOf = (id: ValueId) => 4 * (statistics.get(id) ?? elements(shapeOf(values, id)));
  const base = Math.ceil(start / 64) * 64;
  const capacity = memoryLimit - base;
  const { places, sizes } = placeInArena(lives, bytesOf, 64, capacity);
  const bytes = sizes.reduce((a, b) => a + b, 0);
  requireFit(base + bytes, shapeOf(values, graph.input));
  const addressOf = (root: ValueId): number => {
    const place = places.get(root);
    if (!place) throw new RangeError(`value ${root} must have a place in the arena`);
    return base + place.offset;
  };
  return { addressOf, end: base + bytes };
}

/** The gradient takes the side of zero from the result, which a negative slope would hide. */
function requireSlopes({ nodes }: Graph): void {
  for (const node of nodes) {
    if (!("activation" in node) || node.activation === null || node.activation >= 0) continue;
    throw new PlannerError(
      "argument",
      `slope of a leaky ReLU must be at least 0, got ${node.activation}`,
    );
  }
}

function requireFit(bytes: number, input: readonly number[]): number {
  if (bytes <= memoryLimit) return bytes;
  const needed = Math.ceil(bytes / 2 ** 20);
  throw new PlannerError(
    "device",
    `input [${input.join(", ")}] needs ${needed} MiB and WebAssembly takes 4096 MiB; ` +
      "use a smaller batch or patch",
  );
}
