import { PlannerError } from "#core/errors.ts";
import type { Weights } from "../engine.ts";
import { elements, type ForwardNode, type Graph } from "../plan/graph.ts";
import { type ChannelLayout, plainChannels } from "./channels.ts";
import { workgroupSize } from "./kernel.ts";

/** The weights of one op in the flat buffer, in vec4s. */
export interface WeightRange {
  readonly at: number;
  readonly size: number;
  /** First vec4 of the second tensor: bias or shift. */
  readonly second: number;
}

/**
 * All weights in one buffer. Each op's weights start at a whole workgroup of vec4s; channels
 * lie as in the values they meet, gaps hold zero and stay zero. Behind what is learned stands
 * what no optimiser moves: running statistics, and 1 and 0 as scale and shift of norms that
 * have none.
 */
export class FlatWeights {
  readonly ranges = new Map<string, WeightRange>();
  /** vec4s of the whole buffer. */
  readonly vec4s: number;
  /** vec4s that are learned, the first of the buffer. */
  readonly learned: number;
  readonly #indices = new Map<string, Int32Array>();
  readonly #statistics = new Map<string, Int32Array>();
  /** Floats that are 1 for ever. */
  readonly #ones: number[] = [];

  constructor(graph: Graph, layout: ChannelLayout, fromImage: (node: ForwardNode) => boolean) {
    let end = 0;
    for (const node of graph.nodes) {
      const range = this.#place(node, end, graph, layout, fromImage(node));
      if (!range) continue;
      const stretches = Math.ceil(range.size / workgroupSize);
      end = range.at + stretches * workgroupSize;
    }
    this.learned = Math.max(end, workgroupSize);
    end = this.learned;
    for (const node of graph.nodes) end += this.#placeFixed(node, end, layout);
    this.vec4s = Math.ceil(end / workgroupSize) * workgroupSize;
  }

  /** @throws PlannerError "argument" when a weight is missing or has another size */
  pack(weights: Weights): Float32Array<ArrayBuffer> {
    const flat = this.#packed(weights, [...this.#indices, ...this.#statistics]);
    for (const at of this.#ones) flat[at] = 1;
    return flat;
  }

  /** As `pack`, of what belongs to weights that are learned alone. */
  packLearned(values: Weights): Float32Array<ArrayBuffer> {
    return this.#packed(values, [...this.#indices]);
  }

  #packed(weights: Weights, places: (readonly [string, Int32Array])[]): Float32Array<ArrayBuffer> {
    const flat = new Float32Array(this.vec4s * 4);
    for (const [name, index] of places) {
      const values = weights.get(name);
      if (values?.length !== index.length)
        throw new PlannerError(
          "argument",
          `weight ${name} must have ${index.length} values, got ${values?.length ?? "none"}`,
        );
      for (let i = 0; i < index.length; i++) flat[index[i] ?? 0] = values[i] ?? 0;
    }
    return flat;
  }

  unpack(flat: Float32Array): Map<string, Float32Array> {
    return unpacked(flat, [...this.#indices, ...this.#statistics]);
  }

  /** As `unpack`, of what belongs to weights that are learned alone. */
  unpackLearned(flat: Float32Array): Map<string, Float32Array> {
    return unpacked(flat, [...this.#indices]);
  }

  range(name: string): WeightRange {
    const range = this.ranges.get(name);
    if (!range) throw new RangeError(`weights must hold ${name}`);
    return range;
  }

  /** Weights that have the channels of the values they meet: lines of these, then the bias. */
  #placeChannelwise(
    node: Extract<ForwardNode, { kind: "depthwise" | "position" | "pick" }>,
    at: number,
    graph: Graph,
    layout: ChannelLayout,
  ): WeightRange | null {
    const name =
      node.kind === "depthwise" ? node.kernel : node.kind === "position" ? node.table : node.token;
    if (name === null) return null;
    const { places, vec4s } = layout.of(node.x);
    const lines = elements(graph.weights.get(name) ?? []) / places.length;
    const second = at + lines * vec4s;
    const range = { at, size: (node.kind === "depthwise" ? lines + 1 : lines) * vec4s, second };
    this.ranges.set(name, range);
    const indexOf = (first: number, count: number) =>
      Int32Array.from(
        { length: count * places.length },
        (_, i) =>
          (first + Math.floor(i / places.length) * vec4s) * 4 + (places[i % places.length] ?? 0),
      );
    this.#indices.set(name, indexOf(at, lines));
    if (node.kind === "depthwise") this.#indices.set(node.bias, indexOf(second, 1));
    return range;
  }

  #placeKernel(
    node: Extract<ForwardNode, { kind: "conv" | "convTransposed" }>,
    at: number,
    graph: Graph,
    layout: ChannelLayout,
    fromImage: boolean,
  ): WeightRange {
    const out = layout.of(node.y);
    const channels = layout.of(node.x);
    const into = fromImage ? plainChannels(channels.places.length) : channels;
    const rows = fromImage ? into.places.length : into.vec4s * 4;
    const shape = graph.weights.get(node.kernel) ?? [];
    const taps = elements(shape.slice(0, -2));
    const second = at + taps * rows * out.vec4s;
    const range = { at, size: second - at + (node.bias === null ? 0 : out.vec4s), second };
    this.ranges.set(node.kernel, range);
    const index = new Int32Array(elements(shape));
    let i = 0;
    for (let tap = 0; tap < taps; tap++)
      for (const row of into.places)
        for (const column of out.places)
          index[i++] = (at + (tap * rows + row) * out.vec4s) * 4 + column;
    this.#indices.set(node.kernel, index);
    if (node.bias !== null)
      this.#indices.set(
        node.bias,
        Int32Array.from(out.places, (place) => second * 4 + place),
      );
    return range;
  }

  #place(
    node: ForwardNode,
    at: number,
    graph: Graph,
    layout: ChannelLayout,
    fromImage: boolean,
  ): WeightRange | null {
    if (node.kind === "depthwise" || node.kind === "position" || node.kind === "pick")
      return this.#placeChannelwise(node, at, graph, layout);
    if (node.kind === "norm" || node.kind === "layerNorm" || node.kind === "prelu")
      return this.#placeVectors(node, at, layout);
    if (node.kind !== "conv" && node.kind !== "convTransposed") return null;
    return this.#placeKernel(node, at, graph, layout, fromImage);
  }

  #placeVectors(
    node: Extract<ForwardNode, { kind: "norm" | "layerNorm" | "prelu" }>,
    at: number,
    layout: ChannelLayout,
  ): WeightRange | null {
    if (node.kind === "prelu") {
      const range = { at, size: 1, second: at };
      this.ranges.set(node.slope, range);
      this.#indices.set(node.slope, Int32Array.of(at * 4));
      return range;
    }
    if (node.kind === "norm" && !node.affine) return null;
    const { places, vec4s } = layout.of(node.x);
    const range = { at, size: 2 * vec4s, second: at + vec4s };
    this.ranges.set(node.scale, range);
    this.#indices.set(
      node.scale,
      Int32Array.from(places, (place) => at * 4 + place),
    );
    this.#indices.set(
      node.shift,
      Int32Array.from(places, (place) => range.second * 4 + place),
    );
    return range;
  }

  /** @returns the vec4s it takes */
  #placeFixed(node: ForwardNode, at: number, layout: ChannelLayout): number {
    if (node.kind !== "norm") return 0;
    const { places, vec4s } = layout.of(node.x);
    let end = at;
    if (!node.affine) {
      this.ranges.set(node.scale, { at: end, size: 2 * vec4s, second: end + vec4s });
      for (const place of places) this.#ones.push(end * 4 + place);
      end += 2 * vec4s;
    }
    if (node.running) {
      const { mean, variance } = node.running;
      this.ranges.set(mean, { at: end, size: 2 * vec4s, second: end + vec4s });
      for (const [row, name] of [mean, variance].entries()) {
        const first = (end + row * vec4s) * 4;
        this.#statistics.set(
          name,
          Int32Array.from(places, (place) => first + place),
        );
      }
      end += 2 * vec4s;
    }
    return end - at;
  }
}

function unpacked(
  flat: Float32Array,
  places: (readonly [string, Int32Array])[],
): Map<string, Float32Array> {
  return new Map(
    places.map(([name, index]) => [name, Float32Array.from(index, (i) => flat[i] ?? 0)]),
  );
}
