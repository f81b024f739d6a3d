import type { Epilogue } from "../kernels/delivery.wgsl.ts";
import {
  type Activation,
  type Delivery,
  elements,
  extents,
  type ForwardNode,
  type Graph,
  shapeOf,
  type ValueId,
} from "../plan/graph.ts";
import { BehindImage } from "./behindImage.ts";
import type { ChannelLayout, Strip } from "./channels.ts";
import type { FlatWeights } from "./flatWeights.ts";
import {
  type BlockPlace,
  type Dispatch,
  type Kernel,
  type UniformValue,
  workgroupSize,
} from "./kernel.ts";
import { Partials } from "./partials.ts";
import { Tables } from "./tables.ts";
import type { Tuning } from "./tuning.ts";

type Uniforms = Record<string, UniformValue>;

/** Most chunks of a sum whose end is taken by few threads. */
export const mostChunks = 64;

/** What the lowering of each op writes to and asks. */
export class Lowering {
  readonly dispatches: Dispatch[] = [];
  readonly partials = new Partials();
  readonly behindImage: BehindImage;
  readonly layout: ChannelLayout;
  readonly weights: FlatWeights;
  readonly tuning: Tuning;
  readonly tables: Tables;
  readonly #graph: Graph;
  readonly #temporary = new Map<number, number>();

  constructor(graph: Graph, layout: ChannelLayout, weights: FlatWeights, tuning: Tuning) {
    this.#graph = graph;
    this.behindImage = new BehindImage(elements(shapeOf(graph.values, graph.input)));
    this.layout = layout;
    this.weights = weights;
    this.tuning = tuning;
    this.tables = new Tables(weights.vec4s / workgroupSize);
  }

  get input(): ValueId {
    return this.#graph.input;
  }

  emit(kernel: Kernel, threads: number, uniforms: Uniforms): void {
    this.dispatches.push({ kernel, threads, uniforms });
  }

  /** A block for intermediate numbers. */
  temporary(vec4s: number): BlockPlace {
    const block = this.#graph.values.length + this.#temporary.size;
    this.#temporary.set(block, vec4s);
    return { block, vec4: 0 };
  }

  shape(id: ValueId): readonly number[] {
    return shapeOf(this.#graph.values, id);
  }

  rank(id: ValueId): 4 | 5 {
    return this.shape(id).length === 5 ? 5 : 4;
  }

  places(id: ValueId): number {
    return this.shape(id)
      .slice(0, -1)
      .reduce((a, b) => a * b, 1);
  }

  /** Numbers of [places, channels] with the gaps that the channels of a value have. */
  padded(id: ValueId, values: Float32Array): Float32Array {
    const { places, vec4s } = this.layout.of(id);
    const padded = new Float32Array((values.length / places.length) * vec4s * 4);
    values.forEach((value, i) => {
      const row = Math.floor(i / places.length);
      padded[row * vec4s * 4 + (places[i % places.length] ?? 0)] = value;
    });
    return padded;
  }

  /** Uniforms that say where a value lies. */
  where(prefix: string, id: ValueId): Uniforms {
    const strip = this.layout.strip(id);
    return { [`${prefix}At`]: placeOf(strip), [`${prefix}Pitch`]: strip.pitch };
  }

  /** Uniforms of a value's spatial axes. */
  axes(prefix: string, id: ValueId): Uniforms {
    const { depth, height, width } = extents(this.shape(id));
    return { [`${prefix}D`]: depth, [`${prefix}H`]: height, [`${prefix}W`]: width };
  }

  /** Where a gradient goes, and its epilogue. */
  delivery(node: Delivery): { epilogue: Epilogue; uniforms: Uniforms } {
    const uniforms = this.where("t", node.dx);
    if (node.mask)
      Object.assign(uniforms, this.where("m", node.mask.y), {
        f_slope: { float: node.mask.slope },
      });
    const epilogue = { accumulate: node.accumulate, mask: node.mask !== null, activation: false };
    return { epilogue, uniforms };
  }

  /** Where a result goes, and its epilogue. */
  result(y: ValueId, activation: Activation): { epilogue: Epilogue; uniforms: Uniforms } {
    const uniforms = this.where("t", y);
    if (activation !== null) Object.assign(uniforms, { f_slope: { float: activation } });
    return {
      epilogue: { accumulate: false, mask: false, activation: activation !== null },
      uniforms,
    };
  }

  /** Uniforms of places and vec4s of a value. */
  extent(id: ValueId): Uniforms {
    return { places: this.places(id), c4: this.layout.of(id).vec4s };
  }

  /** Row of a table that says for each lane of a value what `of` says of its channel, else -1. */
  lanes(id: ValueId, of: (channel: number) => number): number {
    const { places, vec4s } = this.layout.of(id);
    const rows = new Array<number>(vec4s * 4).fill(-1);
    for (const [channel, place] of places.entries()) rows[place] = of(channel);
    return this.tables.place(rows);
  }

  /** Cuts `total` pieces of work into parts of equal size so that there are enough threads. */
  split(total: number, threadsPerPart: number, most: number): { parts: number; size: number } {
    const wanted = Math.ceil(this.tuning.splitThreads / threadsPerPart);
    const size = Math.ceil(total / Math.max(1, Math.min(wanted, most, total)));
    return { parts: Math.ceil(total / size), size };
  }

  /** Bytes of a block. */
  bytesOf(block: number): number {
    const temporary = this.#temporary.get(block);
    if (temporary !== undefined) return temporary * 16;
    return this.places(block) * this.layout.strip(block).pitch * 16;
  }
}

export const placeOf = ({ block, start }: Strip): BlockPlace => ({ block, vec4: start });

/** A convolution that reads an image whose channels are not whole vec4s reads scalars. */
export function readsImage(graph: Graph, node: ForwardNode): boolean {
  return (
    node.kind === "conv" &&
    node.x === graph.input &&
    (shapeOf(graph.values, node.x).at(-1) ?? 1) % 4 !== 0
  );
}
