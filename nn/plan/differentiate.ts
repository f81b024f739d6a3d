import { PlannerError } from "#core/errors.ts";
import { type UnmaskedOf, visitToken } from "./differentiateTokens.ts";
import {
  type Activation,
  type BackwardNode,
  type ForwardNode,
  type Graph,
  type Mask,
  readsOf,
  shapeOf,
  type Value,
  type ValueId,
  weightsOf,
} from "./graph.ts";
import { isTokenNode } from "./tokenNodes.ts";

/** A graph with its backward pass. */
export interface DifferentiatedGraph extends Graph {
  /** Starts with the loss; gives every weight its gradient exactly once. */
  readonly backward: readonly BackwardNode[];
}

/**
 * Adds the nodes that give the gradient of the loss by every weight (reverse mode).
 * A gradient flows to a value from each of its readers: the first to arrive is written, the
 * others are added, and the last is multiplied by the derivative of the value's activation,
 * so that a node always receives the gradient by its result before the activation.
 * Nothing flows into values that depend on no weight, such as the image.
 *
 * @param graph - after `fuse` and `placeConcats`
 * @throws PlannerError "argument" when a weight does not influence the output
 */
export function differentiate(graph: Graph): DifferentiatedGraph {
  const tape = new Tape(graph);
  for (const node of [...graph.nodes].reverse()) tape.visit(node);
  return { ...graph, values: tape.values, backward: tape.nodes };
}

type Unmasked = UnmaskedOf<BackwardNode>;

class Tape {
  readonly values: Value[];
  readonly nodes: BackwardNode[] = [];
  readonly #gradients = new Map<ValueId, ValueId>();
  readonly #pending = new Map<ValueId, number>();
  readonly #activations = new Map<ValueId, number>();
  readonly #trainable = new Set<ValueId>();
  readonly #parts = new Map<ValueId, NonNullable<Value["view"]>>();

  constructor(graph: Graph) {
    this.values = [...graph.values];
    for (const node of graph.nodes) this.#note(node);
    this.#pending.set(graph.output, (this.#pending.get(graph.output) ?? 0) + 1);
    this.#requireWholes();
    const dx = this.#newGradient(graph.output);
    this.#gradients.set(graph.output, dx);
    this.nodes.push({ kind: "loss", x: graph.output, dx });
    if (this.#arrive(graph.output)) this.#maskInPlace(graph.output);
  }

  #note(node: ForwardNode): void {
    const inputs = readsOf(node);
    if (weightsOf(node).length > 0 || inputs.some((x) => this.#trainable.has(x)))
      this.#trainable.add(node.y);
    const view = node.kind === "part" ? this.values[node.y]?.view : undefined;
    if (view) this.#parts.set(node.y, view);
    for (const x of inputs) this.#pending.set(x, (this.#pending.get(x) ?? 0) + 1);
    if ("activation" in node && node.activation !== null && node.kind !== "activate")
      this.#activations.set(node.y, node.activation);
  }

  visit(node: ForwardNode): void {
    const dy = this.#gradients.get(node.y);
    if (dy === undefined) {
      if (node.kind === "part" && this.#trainable.has(node.x))
        throw new PlannerError(
          "argument",
          "every part of a split must be used, got one that is not",
        );
      const [weight] = weightsOf(node);
      if (weight !== undefined)
        throw new PlannerError(
          "argument",
          `every weight of a network must reach its output, got ${weight} that does not`,
        );
      return;
    }
    if (isTokenNode(node)) {
      if (node.kind === "part") this.#arriveFromPart(node.x);
      else visitToken(node, dy, this);
      return;
    }
    switch (node.kind) {
      case "conv": {
        const { size, stride, dilation, kernel, bias, x } = node;
        const shared = { size, stride, dilation, kernel, bias, dy };
        this.nodes.push({ kind: "convWeightGradient", x, ...shared });
        this.deliver(x, { kind: "convInputGradient", ...shared });
        return;
      }
      case "convTransposed": {
        const { size, stride, kernel, bias, x } = node;
        const shared = { size, stride, kernel, bias, dy };
        this.nodes.push({ kind: "convTransposedWeightGradient", x, ...shared });
        this.deliver(x, { kind: "convTransposedInputGradient", ...shared });
        return;
      }
      case "norm": {
        const { x, statistics, over, epsilon, scale, shift, affine } = node;
        const shared = { x, statistics, over, epsilon, scale, shift, affine, dy };
        // Scale and shift need their gradient even where the input is the image itself.
        if (affine) this.needGradient(x);
        this.deliver(x, { kind: "normGradient", ...shared });
        return;
      }
      case "normStored":
        throw new RangeError("a graph that predicts has no gradient");
      case "add":
        this.deliver(node.x, { kind: "pass", dy });
        this.deliver(node.other, { kind: "pass", dy });
        return;
      case "multiply":
        this.deliver(node.x, { kind: "multiplyGradient", gate: node.gate, dy });
        this.deliver(node.gate, { kind: "gateGradient", x: node.x, dy });
        return;
      case "sigmoid":
        this.deliver(node.x, { kind: "sigmoidGradient", result: node.y, dy });
        return;
      case "prelu":
        this.needGradient(node.x);
        this.deliver(node.x, { kind: "preluGradient", x: node.x, slope: node.slope, dy });
        return;
      case "activate":
        this.nodes.push(this.#maskNode(dy, { y: node.y, slope: node.activation }));
        this.deliver(node.x, { kind: "pass", dy });
        return;
      case "maxPool":
        this.deliver(node.x, { kind: "maxPoolGradient", x: node.x, dy });
        return;
      case "upsample":
        this.deliver(node.x, { kind: "upsampleGradient", dy });
        return;
      case "resample":
        this.deliver(node.x, {
          kind: "resampleGradient",
          axis: node.axis,
          how: node.how,
          dy,
        });
        return;
      case "copy":
        this.deliver(node.x, { kind: "pass", dy });
        return;
      case "concat":
        this.#split(node.parts, dy);
        return;
    }
  }

  /** Gradients of the parts are views of the whole's, unless another came first. */
  #split(parts: readonly ValueId[], dy: ValueId): void {
    let channel = 0;
    for (const part of parts) {
      const shape = shapeOf(this.values, part);
      const view = this.values.push({ shape, view: { of: dy, channel }, gradientOf: part }) - 1;
      channel += shape.at(-1) ?? 0;
      if (!this.#trainable.has(part)) continue;
      if (this.#gradients.has(part)) {
        this.deliver(part, { kind: "pass", dy: view });
        continue;
      }
      this.#gradients.set(part, view);
      if (this.#arrive(part)) this.#maskInPlace(part);
    }
  }

  /** Gives `x` a gradient even where it depends on no weight. */
  needGradient(x: ValueId): void {
    this.#trainable.add(x);
  }

  /** Sends the gradient that `node` computes on to `x`. */
  deliver(x: ValueId, node: Unmasked): void {
    if (!this.#trainable.has(x)) return;
    const known = this.#gradients.get(x);
    const dx = known ?? this.#newGradient(x);
    this.#gradients.set(x, dx);
    const mask = this.#arrive(x) ? this.#maskOf(x) : null;
    this.nodes.push({ ...node, dx, accumulate: known !== undefined, mask });
  }

  /** Counts one more arrival; true when it was the last. */
  #arrive(x: ValueId): boolean {
    const left = (this.#pending.get(x) ?? 1) - 1;
    this.#pending.set(x, left);
    return left === 0;
  }

  #maskOf(x: ValueId): Mask | null {
    const slope: Activation = this.#activations.get(x) ?? null;
    return slope === null ? null : { y: x, slope };
  }

  #maskInPlace(x: ValueId): void {
    const mask = this.#maskOf(x);
    const dx = this.#gradients.get(x);
    if (mask && dx !== undefined) this.nodes.push(this.#maskNode(dx, mask));
  }

  #maskNode(dx: ValueId, mask: Mask): BackwardNode {
    return { kind: "pass", dy: dx, dx, accumulate: false, mask };
  }

  /** The gradient of a part is a view of the whole's: parts make up the whole. */
  #newGradient(of: ValueId): ValueId {
    const value = { shape: shapeOf(this.values, of), gradientOf: of };
    const whole = this.#parts.get(of);
    if (whole === undefined) return this.values.push(value) - 1;
    const known = this.#gradients.get(whole.of);
    const gradient = known ?? this.#newGradient(whole.of);
    this.#gradients.set(whole.of, gradient);
    return this.values.push({ ...value, view: { of: gradient, channel: whole.channel } }) - 1;
  }

  /** What was split has one gradient, which the gradients of its parts make up. */
  #requireWholes(): void {
    const parts = new Map<ValueId, number>();
    for (const { of } of this.#parts.values()) parts.set(of, (parts.get(of) ?? 0) + 1);
    for (const [whole, count] of parts)
      if (this.#pending.get(whole) !== count)
        throw new PlannerError(
          "argument",
          "what was split must be used by its parts alone, got another use",
        );
  }

  #arriveFromPart(whole: ValueId): void {
    if (this.#arrive(whole)) this.#maskInPlace(whole);
  }
}
