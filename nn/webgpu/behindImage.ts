import type { Indices } from "../engine.ts";
import { requireIndex } from "../requireIndex.ts";

/** A list of places behind the image. */
export interface PlacedList {
  /** Floats from the start of the image's buffer. */
  readonly at: number;
  readonly count: number;
  /** Places there are to pick from. */
  readonly from: number;
}

/**
 * What kernels read beside the image, in its buffer, as floats: lists of places that come with
 * every step, and tables that never change.
 */
export class BehindImage {
  readonly lists = new Map<string, PlacedList>();
  readonly tables: { readonly at: number; readonly values: Float32Array }[] = [];
  #end: number;

  /** @param start - floats of the image */
  constructor(start: number) {
    this.#end = start;
  }

  /** Floats of the image and everything behind it. */
  get floats(): number {
    return this.#end;
  }

  /**
   * Where a list lies.
   *
   * @param from - places there are to pick from; null where the list is known already
   */
  list(name: string, count: number, from: number | null): number {
    const known = this.lists.get(name);
    const list = { at: known?.at ?? this.#end, count, from: from ?? known?.from ?? 0 };
    if (!known) this.#end += count;
    this.lists.set(name, list);
    return list.at;
  }

  /** Where a table lies. */
  table(values: Float32Array): number {
    const at = this.#end;
    this.tables.push({ at, values });
    this.#end += values.length;
    return at;
  }

  /** Writes what never changes. */
  writeTables(queue: GPUQueue, image: GPUBuffer): void {
    for (const { at, values } of this.tables)
      queue.writeBuffer(image, 4 * at, Float32Array.from(values));
  }

  /** Writes a step's lists. @throws PlannerError "argument" when they are not those planned */
  writeLists(queue: GPUQueue, image: GPUBuffer, indices: Indices | undefined): void {
    for (const [name, list] of this.lists)
      queue.writeBuffer(image, 4 * list.at, Float32Array.from(requireIndex(indices, name, list)));
  }
}
