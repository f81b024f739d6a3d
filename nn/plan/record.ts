import { PlannerError } from "#core/errors.ts";
import { convExtent, requireWindow } from "../convWindow.ts";
import type { ConvOptions, Network, Ops } from "../ops.ts";
import { elements, type Graph, shapeOf, type ValueId } from "./graph.ts";
import { TokenRecorder } from "./recordTokens.ts";

/**
 * Runs a network over graph nodes: the graph says what would be computed, nothing is.
 *
 * @param input - [batch, ..spatial, channels], two or three spatial axes
 * @throws PlannerError "argument" for sizes the network cannot take
 */
export function record(network: Network, input: readonly number[]): Graph {
  if (
    (input.length !== 4 && input.length !== 5) ||
    !input.every((n) => Number.isInteger(n) && n > 0)
  )
    throw new PlannerError(
      "argument",
      `input shape must be [batch, ..2 or 3 spatial, channels], each at least 1, got [${input.join(", ")}]`,
    );
  const recorder = new Recorder();
  const image = recorder.value(input);
  const output = network(recorder, image);
  return {
    values: recorder.values,
    nodes: recorder.nodes,
    weights: recorder.weights,
    input: image,
    output,
  };
}

/** Ops that note what they are asked for. */
export class Recorder extends TokenRecorder implements Ops<ValueId> {
  conv(x: ValueId, name: string, options: ConvOptions): ValueId {
    const { out, size, stride = 1, dilation = 1, bias = true } = options;
    requireWindow(name, options);
    const { batch, spatial, channels } = this.parts(x);
    this.weight(`${name}.kernel`, [...spatial.map(() => size), channels, out]);
    if (bias) this.weight(`${name}.bias`, [out]);
    const y = this.value([batch, ...spatial.map((n) => convExtent(n, options)), out]);
    const weights = { kernel: `${name}.kernel`, bias: bias ? `${name}.bias` : null };
    this.nodes.push({ kind: "conv", x, y, size, stride, dilation, ...weights, activation: null });
    return y;
  }

  convTransposed(x: ValueId, name: string, options: { out: number; size: number }): ValueId {
    const { out, size } = options;
    const { batch, spatial, channels } = this.parts(x);
    this.weight(`${name}.kernel`, [...spatial.map(() => size), channels, out]);
    this.weight(`${name}.bias`, [out]);
    const y = this.value([batch, ...spatial.map((n) => n * size), out]);
    const weights = { kernel: `${name}.kernel`, bias: `${name}.bias` };
    this.nodes.push({ kind: "convTransposed", x, y, size, ...weights, activation: null });
    return y;
  }

  norm(x: ValueId, name: string, _kind: "instance"): ValueId {
    const { batch, channels } = this.parts(x);
    const scale = `${name}.scale`;
    const shift = `${name}.shift`;
    this.weight(scale, [channels]);
    this.weight(shift, [channels]);
    const y = this.value(shapeOf(this.values, x));
    const statistics = this.value([batch, 2, channels]);
    this.nodes.push({ kind: "norm", x, y, statistics, scale, shift, activation: null });
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
}
