import type { LossSpec } from "../engine.ts";
import { activationReference, maskReference } from "../kernels/activation/activation.reference.ts";
import {
  convInputGradientReference,
  convReference,
  convWeightGradientReference,
} from "../kernels/conv/conv.reference.ts";
import {
  convTransposedGradientReference,
  convTransposedReference,
} from "../kernels/convTransposed/convTransposed.reference.ts";
import { lossReference } from "../kernels/loss/loss.reference.ts";
import {
  maxPoolGradientReference,
  maxPoolReference,
} from "../kernels/maxPool/maxPool.reference.ts";
import {
  normApplyReference,
  normGradientReference,
  normReference,
  runningReference,
} from "../kernels/norm/norm.reference.ts";
import {
  upsampleGradientReference,
  upsampleReference,
} from "../kernels/upsample/upsample.reference.ts";
import type { DifferentiatedGraph } from "./differentiate.ts";
import {
  type Activation,
  type BackwardNode,
  type Delivery,
  elements,
  type ForwardNode,
  type NormScope,
  shapeOf,
  storageOf,
  type Value,
  type ValueId,
} from "./graph.ts";
import { combined, combinedGradient } from "./interpretCombining.ts";
import { runToken, runTokenGradient } from "./interpretTokens.ts";
import { isTokenGradient, isTokenNode } from "./tokenNodes.ts";

/**
 * Runs a graph in plain float64 loops: what it means, for any size, at no speed. Storage and
 * views are as on a device, so that a graph that overwrites what it still needs is seen.
 */
export class Interpreter {
  readonly gradients = new Map<string, Float64Array>();
  /** The step's lists of places, by name. */
  readonly indices = new Map<string, Int32Array>();
  loss = Number.NaN;
  readonly #values: readonly Value[];
  readonly #graph: Pick<DifferentiatedGraph, "nodes" | "input" | "output">;
  readonly #weights: ReadonlyMap<string, Float64Array>;
  readonly #storage = new Map<ValueId, Float64Array>();

  constructor(
    graph: Pick<DifferentiatedGraph, "values" | "nodes" | "input" | "output">,
    weights: ReadonlyMap<string, Float64Array>,
  ) {
    this.#graph = graph;
    this.#values = graph.values;
    this.#weights = weights;
  }

  /** @returns the output of the network */
  forward(image: Float64Array): Float64Array {
    this.write(this.#graph.input, image);
    for (const node of this.#graph.nodes) this.#run(node);
    return this.read(this.#graph.output);
  }

  /** After `forward`: fills `loss` and `gradients`. */
  backward(nodes: readonly BackwardNode[], labels: Uint8Array, loss: LossSpec): void {
    for (const node of nodes) {
      if (node.kind === "loss") {
        const [samples, ...rest] = this.#shape(node.x);
        const classes = rest.at(-1) ?? 1;
        const result = lossReference(this.read(node.x), labels, classes, loss, samples);
        this.loss = result.loss;
        this.write(node.dx, result.gradient);
      } else this.#runBack(node);
    }
  }

  /** A value as a dense array. */
  read(id: ValueId): Float64Array {
    const { storage, channel, pitch, channels } = this.#strided(id);
    return Float64Array.from(
      { length: (storage.length / pitch) * channels },
      (_, i) => storage[Math.floor(i / channels) * pitch + channel + (i % channels)] ?? 0,
    );
  }

  /** Fills a value from a dense array. */
  write(id: ValueId, dense: Float64Array): void {
    const { storage, channel, pitch, channels } = this.#strided(id);
    dense.forEach((value, i) => {
      storage[Math.floor(i / channels) * pitch + channel + (i % channels)] = value;
    });
  }

  #strided(id: ValueId) {
    const { root, channel } = storageOf(this.#values, id);
    const shape = this.#shape(root);
    const storage = this.#storage.get(root) ?? new Float64Array(elements(shape)).fill(Number.NaN);
    this.#storage.set(root, storage);
    return { storage, channel, pitch: shape.at(-1) ?? 1, channels: this.#shape(id).at(-1) ?? 1 };
  }

  #shape(id: ValueId) {
    return shapeOf(this.#values, id);
  }

  #weight(name: string): Float64Array {
    const weight = this.#weights.get(name);
    if (!weight) throw new RangeError(`weights must hold ${name}`);
    return weight;
  }

  /** Scale and shift of a norm; 1 and 0 where it has none. */
  #affine({ affine, scale, shift }: NormScope, channels: number) {
    return affine
      ? { scale: this.#weight(scale), shift: this.#weight(shift) }
      : { scale: new Float64Array(channels).fill(1), shift: new Float64Array(channels) };
  }

  /**
   * After `forward` of a graph that trains: the running statistics as this batch leaves them.
   */
  running(): Map<string, Float64Array> {
    const after = new Map<string, Float64Array>();
    for (const node of this.#graph.nodes) {
      if (node.kind !== "norm" || !node.running) continue;
      const { mean, variance } = node.running;
      const count = elements(this.#shape(node.x).slice(0, -1));
      const before = { mean: this.#weight(mean), variance: this.#weight(variance) };
      const { epsilon } = node;
      const now = runningReference(before, this.read(node.statistics), { count, epsilon });
      after.set(mean, now.mean).set(variance, now.variance);
    }
    return after;
  }

  #run(node: ForwardNode): void {
    if (node.kind === "concat") return;
    if (isTokenNode(node)) {
      runToken(node, this.#memory());
      return;
    }
    const x = this.read(node.x);
    const shape = { x: this.#shape(node.x), y: this.#shape(node.y) };
    const finish = (y: Float64Array, activation: Activation) =>
      this.write(node.y, activation === null ? y : activationReference(y, activation));
    switch (node.kind) {
      case "conv": {
        const bias = node.bias === null ? null : this.#weight(node.bias);
        const window = { ...shape, size: node.size, stride: node.stride, dilation: node.dilation };
        finish(convReference(window, x, this.#weight(node.kernel), bias), node.activation);
        return;
      }
      case "convTransposed": {
        const bias = node.bias === null ? new Float64Array(0) : this.#weight(node.bias);
        const window = { ...shape, size: node.size, stride: node.stride };
        finish(
          convTransposedReference(window, x, this.#weight(node.kernel), bias),
          node.activation,
        );
        return;
      }
      case "norm": {
        const { scale, shift } = this.#affine(node, shape.x.at(-1) ?? 1);
        const { y, statistics } = normReference(shape.x, x, scale, shift, node);
        this.write(node.statistics, statistics);
        finish(y, node.activation);
        return;
      }
      case "normStored": {
        const affine = this.#affine(node, shape.x.at(-1) ?? 1);
        const variances = this.#weight(node.running.variance);
        const inverses = variances.map((one) => 1 / Math.sqrt(one + node.epsilon));
        const statistics = Float64Array.from([...this.#weight(node.running.mean), ...inverses]);
        finish(
          normApplyReference(shape.x, x, statistics, { ...affine, over: node.over }),
          node.activation,
        );
        return;
      }
      case "add":
      case "multiply":
      case "sigmoid":
      case "prelu":
      case "resample":
        finish(combined(node, x, this.#memory()), node.kind === "add" ? node.activation : null);
        return;
      case "activate":
        finish(x, node.activation);
        return;
      case "maxPool":
        finish(maxPoolReference(shape.x, shape.y, x).y, null);
        return;
      case "upsample":
        finish(upsampleReference(shape.x, shape.y, x), null);
        return;
      case "copy":
        finish(x, null);
        return;
    }
  }

  #runBack(node: Exclude<BackwardNode, { kind: "loss" }>): void {
    if (isTokenGradient(node)) {
      runTokenGradient(node, this.#memory());
      return;
    }
    const dy = this.read(node.dy);
    const dyShape = this.#shape(node.dy);
    switch (node.kind) {
      case "convWeightGradient": {
        const { size, stride, dilation } = node;
        const shape = { x: this.#shape(node.x), y: dyShape, size, stride, dilation };
        const result = convWeightGradientReference(shape, this.read(node.x), dy);
        this.#gradient(node.kernel, result.kernel);
        if (node.bias !== null) this.#gradient(node.bias, result.bias);
        return;
      }
      case "convInputGradient": {
        const { size, stride, dilation } = node;
        const shape = { x: this.#shape(node.dx), y: dyShape, size, stride, dilation };
        this.#deliver(node, convInputGradientReference(shape, dy, this.#weight(node.kernel)));
        return;
      }
      case "convTransposedWeightGradient":
      case "convTransposedInputGradient": {
        const x = node.kind === "convTransposedWeightGradient" ? node.x : node.dx;
        const { size, stride } = node;
        const shape = { x: this.#shape(x), y: dyShape, size, stride };
        const values =
          node.kind === "convTransposedWeightGradient"
            ? this.read(x)
            : new Float64Array(elements(shape.x));
        const result = convTransposedGradientReference(
          shape,
          values,
          this.#weight(node.kernel),
          dy,
        );
        if (node.kind === "convTransposedInputGradient") {
          this.#deliver(node, result.dx);
          return;
        }
        this.#gradient(node.kernel, result.kernel);
        if (node.bias !== null) this.#gradient(node.bias, result.bias);
        return;
      }
      case "normGradient": {
        const statistics = this.read(node.statistics);
        const { scale } = this.#affine(node, dyShape.at(-1) ?? 1);
        const x = this.read(node.x);
        const result = normGradientReference(dyShape, x, statistics, scale, dy, node.over);
        if (node.affine) {
          this.#gradient(node.scale, result.scale);
          this.#gradient(node.shift, result.shift);
        }
        this.#deliver(node, result.dx);
        return;
      }
      case "multiplyGradient":
      case "gateGradient":
      case "sigmoidGradient":
      case "preluGradient":
      case "resampleGradient":
        this.#deliver(node, combinedGradient(node, dy, this.#memory()));
        return;
      case "maxPoolGradient":
        this.#deliver(
          node,
          maxPoolGradientReference(this.#shape(node.x), dyShape, this.read(node.x), dy),
        );
        return;
      case "upsampleGradient":
        this.#deliver(node, upsampleGradientReference(this.#shape(node.dx), dyShape, dy));
        return;
      case "pass":
        this.#deliver(node, dy);
        return;
    }
  }

  #memory(): Parameters<typeof runToken>[1] {
    return {
      read: (id) => this.read(id),
      write: (id, values) => this.write(id, values),
      shape: (id) => this.#shape(id),
      weight: (name) => this.#weight(name),
      index: (name) => {
        const index = this.indices.get(name);
        if (!index) throw new RangeError(`indices must hold ${name}`);
        return index;
      },
      gradient: (name, values) => this.#gradient(name, values),
      deliver: (node, values) => this.#deliver(node, values),
    };
  }

  #gradient(name: string, gradient: Float64Array): void {
    if (this.gradients.has(name)) throw new RangeError(`${name} must get one gradient, got two`);
    this.gradients.set(name, gradient);
  }

  #deliver({ dx, accumulate, mask }: Delivery, gradient: Float64Array): void {
    const before = accumulate ? this.read(dx) : null;
    const sum = before ? gradient.map((value, i) => value + (before[i] ?? 0)) : gradient;
    this.write(dx, mask ? maskReference(sum, this.read(mask.y), mask.slope) : sum);
  }
}
