import { PlannerError } from "#core/errors.ts";
import { type Graph, shapeOf, storageOf, type Value, type ValueId } from "../plan/graph.ts";

/**
 * Where the channels of a value lie in memory, which holds whole vec4s. Parts of a
 * concatenation start at a vec4 each, so a joined value can have gaps; gaps hold zero.
 */
export interface Channels {
  /** Place of each channel, in floats. */
  readonly places: readonly number[];
  /** vec4s of all channels with their gaps. */
  readonly vec4s: number;
}

/**
 * Channels of values whose heads or parts must start at a vec4 each: heads of an attention, and
 * what is split. Only convolutions can put their results anywhere.
 */
function wantedChannels({
  values,
  nodes,
}: Pick<Graph, "values" | "nodes">): Map<ValueId, Channels> {
  const wanted = new Map<ValueId, Channels>();
  const count = (id: ValueId) => shapeOf(values, id).at(-1) ?? 1;
  for (const node of nodes) {
    if (node.kind !== "attention") continue;
    const head = plainChannels(count(node.x) / node.heads);
    const heads = joined(Array.from({ length: node.heads }, () => head));
    for (const id of [node.x, node.key, node.value]) wanted.set(id, heads);
  }
  const parts = new Map<ValueId, Channels[]>();
  for (const node of nodes) {
    if (node.kind !== "part") continue;
    const part = wanted.get(node.y) ?? plainChannels(count(node.y));
    parts.set(node.x, [...(parts.get(node.x) ?? []), part]);
  }
  for (const [whole, all] of parts) wanted.set(whole, joined(all));
  return wanted;
}

/** Channels one after the other. */
export const plainChannels = (count: number): Channels => ({
  places: Array.from({ length: count }, (_, i) => i),
  vec4s: Math.ceil(count / 4),
});

function joined(parts: readonly Channels[]): Channels {
  const places: number[] = [];
  let vec4s = 0;
  for (const part of parts) {
    const start = vec4s * 4;
    places.push(...part.places.map((place) => start + place));
    vec4s += part.vec4s;
  }
  return { places, vec4s };
}

function requireWanted({ places }: Channels, wanted: Channels | undefined): void {
  if (!wanted || `${places}` === `${wanted.places}`) return;
  throw new PlannerError(
    "argument",
    "what is split or attends on WebGPU must be the result of a convolution where the channels " +
      "of a part or head are no multiple of 4",
  );
}

/** A value as kernels see it: `vec4s` channels of a block whose places are `pitch` apart. */
export interface Strip {
  readonly block: ValueId;
  /** vec4s before the value's first channel. */
  readonly start: number;
  readonly pitch: number;
  readonly vec4s: number;
}

/** Memory layout of the values of a graph. */
export class ChannelLayout {
  readonly #values: readonly Value[];
  readonly #channels = new Map<ValueId, Channels>();

  constructor(graph: Pick<Graph, "values" | "nodes" | "input">) {
    this.#values = graph.values;
    const wanted = wantedChannels(graph);
    this.#channels.set(graph.input, this.#plain(graph.input));
    for (const node of graph.nodes) {
      if (node.kind === "concat")
        this.#channels.set(node.y, joined(node.parts.map((part) => this.of(part))));
      else if (node.kind === "conv" || node.kind === "convTransposed" || node.kind === "part")
        this.#channels.set(node.y, wanted.get(node.y) ?? this.#plain(node.y));
      else this.#channels.set(node.y, this.of(node.x));
      requireWanted(this.of(node.y), wanted.get(node.y));
      if (node.kind === "norm") this.#channels.set(node.statistics, this.of(node.x));
      if (node.kind === "layerNorm" || node.kind === "attention")
        this.#channels.set(node.statistics, this.#plain(node.statistics));
    }
  }

  /** @throws RangeError for a value that no node gives */
  of(id: ValueId): Channels {
    const source = this.#values[id]?.gradientOf ?? id;
    const channels = this.#channels.get(source);
    if (!channels) throw new RangeError(`value must be given by a node, got ${id}`);
    return channels;
  }

  /** @throws PlannerError "argument" when there are gaps between the channels of a value */
  requirePlain(id: ValueId): void {
    if (this.of(id).places.every((place, i) => place === i)) return;
    throw new PlannerError(
      "argument",
      "layer norm on WebGPU must see channels without gaps, got a concatenation of parts that " +
        "are no multiples of 4; put a convolution between them",
    );
  }

  strip(id: ValueId): Strip {
    const { root, channel } = storageOf(this.#values, id);
    const whole = this.of(root);
    return {
      block: root,
      start: (whole.places[channel] ?? 0) / 4,
      pitch: whole.vec4s,
      vec4s: this.of(id).vec4s,
    };
  }

  #plain(id: ValueId): Channels {
    return plainChannels(shapeOf(this.#values, id).at(-1) ?? 1);
  }
}
