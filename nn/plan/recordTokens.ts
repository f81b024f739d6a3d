import { PlannerError } from "#core/errors.ts";
import {
  requireAttention,
  requireDepthwise,
  requireParts,
  requirePick,
  requireTable,
} from "../describeTokens.ts";
import type { PickOptions, TokenOps } from "../ops.ts";
import { type ForwardNode, shapeOf, type Value, type ValueId } from "./graph.ts";

/** The ops of tokens that note what they are asked for. */
export class TokenRecorder implements TokenOps<ValueId> {
  readonly values: Value[] = [];
  readonly nodes: ForwardNode[] = [];
  readonly weights = new Map<string, readonly number[]>();

  value(shape: readonly number[]): ValueId {
    return this.values.push({ shape: [...shape] }) - 1;
  }

  depthwise(x: ValueId, name: string, size: number): ValueId {
    requireDepthwise(name, size);
    const { spatial, channels } = this.parts(x);
    const [kernel, bias] = [`${name}.kernel`, `${name}.bias`];
    this.weight(kernel, [...spatial.map(() => size), 1, channels]);
    this.weight(bias, [channels]);
    const y = this.#like(x);
    this.nodes.push({ kind: "depthwise", x, y, size, kernel, bias });
    return y;
  }

  gelu(x: ValueId): ValueId {
    const y = this.#like(x);
    this.nodes.push({ kind: "gelu", x, y });
    return y;
  }

  layerNorm(x: ValueId, name: string, epsilon: number): ValueId {
    const { batch, spatial, channels } = this.parts(x);
    const [scale, shift] = [`${name}.scale`, `${name}.shift`];
    this.weight(scale, [channels]);
    this.weight(shift, [channels]);
    const y = this.#like(x);
    const statistics = this.value([batch, ...spatial, 2]);
    this.nodes.push({ kind: "layerNorm", x, y, statistics, scale, shift, epsilon });
    return y;
  }

  split(x: ValueId, channels: readonly number[]): ValueId[] {
    const { batch, spatial, channels: all } = this.parts(x);
    requireParts(all, channels);
    let channel = 0;
    return channels.map((part) => {
      const shape = [batch, ...spatial, part];
      const y = this.values.push({ shape, view: { of: x, channel } }) - 1;
      channel += part;
      this.nodes.push({ kind: "part", x, y });
      return y;
    });
  }

  attention(x: ValueId, key: ValueId, value: ValueId, heads: number): ValueId {
    const [queries, keys, values] = [x, key, value].map((id) => shapeOf(this.values, id));
    requireAttention(queries ?? [], keys ?? [], values ?? [], heads);
    const { batch, spatial } = this.parts(x);
    const y = this.#like(x);
    const statistics = this.value([batch, ...spatial, 4 * heads]);
    this.nodes.push({ kind: "attention", x, key, value, y, statistics, heads });
    return y;
  }

  position(x: ValueId, name: string): ValueId {
    const table = `${name}.table`;
    this.weight(table, shapeOf(this.values, x).slice(1));
    const y = this.#like(x);
    this.nodes.push({ kind: "position", x, y, table });
    return y;
  }

  addTable(x: ValueId, values: Float32Array): ValueId {
    requireTable(shapeOf(this.values, x), values);
    const y = this.#like(x);
    this.nodes.push({ kind: "addTable", x, y, values });
    return y;
  }

  pick(x: ValueId, index: string, { places, token }: PickOptions): ValueId {
    requirePick(shapeOf(this.values, x), places);
    const { batch, channels } = this.parts(x);
    const vector = token === undefined ? null : `${token}.vector`;
    if (vector !== null) this.weight(vector, [channels]);
    const y = this.value([batch, ...places, channels]);
    this.nodes.push({ kind: "pick", x, y, index, token: vector });
    return y;
  }

  protected parts(x: ValueId) {
    const shape = shapeOf(this.values, x);
    return { batch: shape[0] ?? 1, spatial: shape.slice(1, -1), channels: shape.at(-1) ?? 1 };
  }

  protected weight(name: string, shape: readonly number[]): void {
    if (this.weights.has(name))
      throw new PlannerError("argument", `weight names must be unique, got ${name} twice`);
    this.weights.set(name, shape);
  }

  #like(x: ValueId): ValueId {
    return this.value(shapeOf(this.values, x));
  }
}
