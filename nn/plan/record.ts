import { PlannerError } from "#core/errors.ts";
import { convPlaces, requireWindow } from "../convWindow.ts";
import { pooledPlaces } from "../describeNetwork.ts";
import type { Resampling } from "../kernels/resample/resample.reference.ts";
import type {
  ConvOptions,
  ConvTransposedOptions,
  Network,
  NormKind,
  NormOptions,
  Ops,
} from "../ops.ts";
import { elements, type ForwardNode, type Graph, shapeOf, type ValueId } from "./graph.ts";
import { TokenRecorder } from "./recordTokens.ts";

/**
 * Runs a network over graph nodes: the graph says what would be computed, nothing is.
 *
 * @param input - [batch, ..spatial, channels], two or three spatial axes
 * @param mode - batch norms take the statistics of the batch to train, the stored ones to predict
 * @throws PlannerError "argument" for sizes the network cannot take
 */
export function record(
  network: Network,
  input: readonly number[],
  mode: RecordMode = "training",
): Graph {
  if (
    (input.length !== 4 && input.length !== 5) ||
    !input.every((n) => Number.isInteger(n) && n > 0)
  )
    throw new PlannerError(
      "argument",
      `input shape must be [batch, ..2 or 3 spatial, channels], each at least 1, got [${input.join(", ")}]`,
    );
  const recorder = new Recorder(mode);
  const image = recorder.value(input);
  const output = network(recorder, image);
  return {
    values: recorder.values,
    nodes: recorder.nodes,
    weights: recorder.weights,
    statistics: recorder.statistics,
    input: image,
    output,
  };
}

/** What a graph is recorded for. */
export type RecordMode = "training" | "inference";

/** Ops that note what they are asked for. */
export class Recorder extends TokenRecorder implements Ops<ValueId> {
  readonly statistics = new Map<string, readonly number[]>();
  readonly #mode: RecordMode;

  constructor(mode: RecordMode = "training") {
    super();
    this.#mode = mode;
  }

  conv(x: ValueId, name: string, options: ConvOptions): ValueId {
    const { out, size, stride = 1, dilation = 1, bias = true } = options;
    requireWindow(name, options);
    const { batch, spatial, channels } = this.parts(x);
    this.weight(`${name}.kernel`, [...spatial.map(() => size), channels, out]);
    if (bias) this.weight(`${name}.bias`, [out]);
    const y = this.value([batch, ...convPlaces(name, spatial, options), out]);
    const weights = { kernel: `${name}.kernel`, bias: bias ? `${name}.bias` : null };
    this.nodes.push({ kind: "conv", x, y, size, stride, dilation, ...weights, activation: null });
    return y;
  }

  convTransposed(x: ValueId, name: string, options: ConvTransposedOptions): ValueId {
    const { out, size, stride = size, bias = true } = options;
    const { batch, spatial, channels } = this.parts(x);
    this.weight(`${name}.kernel`, [...spatial.map(() => size), channels, out]);
    if (bias) this.weight(`${name}.bias`, [out]);
    const y = this.value([batch, ...spatial.map((n) => n * stride), out]);
    const weights = { kernel: `${name}.kernel`, bias: bias ? `${name}.bias` : null };
    this.nodes.push({ kind: "convTransposed", x, y, size, stride, ...weights, activation: null });
    return y;
  }

  norm(x: ValueId, name: string, over: NormKind, options: NormOptions = {}): ValueId {
    const { epsilon = 1e-5, affine = true } = options;
    const { batch, channels } = this.parts(x);
    const [scale, shift] = [`${name}.scale`, `${name}.shift`];
    if (affine) {
      this.weight(scale, [channels]);
      this.weight(shift, [channels]);
    }
    const y = this.value(shapeOf(this.values, x));
    const shared = { x, y, over, epsilon, scale, shift, affine, activation: null };
    const running =
      over === "batch" ? { mean: `${name}.mean`, variance: `${name}.variance` } : null;
    if (running) {
      this.statistics.set(running.mean, [channels]);
      this.statistics.set(running.variance, [channels]);
    }
    if (running && this.#mode === "inference") {
      this.nodes.push({ kind: "normStored", ...shared, running });
      return y;
    }
    const statistics = this.value([over === "batch" ? 1 : batch, 2, channels]);
    this.nodes.push({ kind: "norm", ...shared, statistics, running });
    return y;
  }

  relu(x: ValueId): ValueId {
    return this.leakyRelu(x, 0);
  }

  leakyRelu(x: ValueId, slope: number): ValueId {
    const y = this.value(shapeOf(this.values, x));
    this.nodes.push({ kind: "activate", x, y, activation: slope });
    return y;
  }

  prelu(x: ValueId, name: string): ValueId {
    this.weight(`${name}.slope`, [1]);
    return this.#same("prelu", x, { slope: `${name}.slope` });
  }

  sigmoid(x: ValueId): ValueId {
    return this.#same("sigmoid", x, {});
  }

  add(x: ValueId, other: ValueId): ValueId {
    this.#requireShape("add", other, shapeOf(this.values, x));
    return this.#same("add", x, { other, activation: null });
  }

  multiply(x: ValueId, gate: ValueId): ValueId {
    const shape = shapeOf(this.values, x);
    const isShared = shapeOf(this.values, gate).at(-1) === 1;
    this.#requireShape("multiply", gate, isShared ? [...shape.slice(0, -1), 1] : shape);
    return this.#same("multiply", x, { gate });
  }

  maxPool(x: ValueId): ValueId {
    const { batch, spatial, channels } = this.parts(x);
    if (spatial.some((n) => n < 2))
      throw new PlannerError(
        "argument",
        `places before a pooling must be at least 2 along every axis, got ${spatial.join(" x ")}`,
      );
    const y = this.value([batch, ...spatial.map((n) => Math.floor(n / 2)), channels]);
    this.nodes.push({ kind: "maxPool", x, y });
    return y;
  }

  upsample(x: ValueId, like: ValueId): ValueId {
    const { batch, channels } = this.parts(x);
    const y = this.value([batch, ...this.parts(like).spatial, channels]);
    this.nodes.push({ kind: "upsample", x, y });
    return y;
  }

  resize(x: ValueId, like: ValueId, how: "nearest" | "corners"): ValueId {
    return this.#resampled(x, this.parts(like).spatial, how);
  }

  averagePool(x: ValueId, size: number | "all"): ValueId {
    return this.#resampled(x, pooledPlaces(this.parts(x).spatial, size), "average");
  }

  spectralPool(x: ValueId, divisor: number, options: { readonly scaled?: boolean } = {}): ValueId {
    const how = options.scaled === true ? "spectralSum" : "spectral";
    return this.#resampled(x, pooledPlaces(this.parts(x).spatial, divisor), how);
  }

  /** One axis after the other, those that stay as they are left out. */
  #resampled(x: ValueId, places: readonly number[], how: Resampling): ValueId {
    let last = x;
    for (const [index, count] of places.entries()) {
      const shape = shapeOf(this.values, last);
      const isSpectral = how === "spectral" || how === "spectralSum";
      if (shape[index + 1] === count && !isSpectral) continue;
      const y = this.value(shape.with(index + 1, count));
      this.nodes.push({ kind: "resample", x: last, y, axis: index + 1, how });
      last = y;
    }
    return last;
  }

  concat(...parts: readonly ValueId[]): ValueId {
    const shapes = parts.map((part) => shapeOf(this.values, part));
    const places = (shapes[0] ?? []).slice(0, -1);
    for (const shape of shapes)
      if (elements(places) === 0 || shape.slice(0, -1).join() !== places.join())
        throw new PlannerError(
          "argument",
          `parts of a concatenation must agree in all axes but channels, got [${shapes.map((s) => s.join(", ")).join("] and [")}]`,
        );
    const channels = shapes.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0);
    const y = this.value([...places, channels]);
    this.nodes.push({ kind: "concat", parts: [...parts], y });
    return y;
  }

  /** A node whose result is as large as x. */
  #same<K extends ForwardNode["kind"]>(
    kind: K,
    x: ValueId,
    rest: Omit<Extract<ForwardNode, { kind: K }>, "kind" | "x" | "y">,
  ): ValueId {
    const y = this.value(shapeOf(this.values, x));
    this.nodes.push({ kind, x, y, ...rest } as unknown as ForwardNode);
    return y;
  }

  #requireShape(op: string, value: ValueId, expected: readonly number[]): void {
    const got = shapeOf(this.values, value);
    if (got.join() === expected.join()) return;
    throw new PlannerError(
      "argument",
      `second operand of ${op} must be [${expected.join(", ")}], got [${got.join(", ")}]`,
    );
  }
}
