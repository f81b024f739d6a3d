import { PlannerError } from "#core/errors.ts";

/** One step of a plan, as far as storage goes. */
export interface Access {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** The first and last step at which a block must keep its content. */
export interface Lifetime {
  readonly first: number;
  readonly last: number;
}

/**
 * From the first step that touches a block to the last.
 *
 * @param kept - blocks whose content must outlive the steps, or exists before them
 */
export function lifetimes(
  steps: readonly Access[],
  kept: { readonly before?: readonly number[]; readonly after?: readonly number[] } = {},
): Map<number, Lifetime> {
  const found = new Map<number, Lifetime>();
  const touch = (block: number, step: number) => {
    const { first, last } = found.get(block) ?? { first: step, last: step };
    found.set(block, { first: Math.min(first, step), last: Math.max(last, step) });
  };
  for (const block of kept.before ?? []) touch(block, -1);
  steps.forEach(({ reads, writes }, step) => {
    for (const block of [...reads, ...writes]) touch(block, step);
  });
  for (const block of kept.after ?? []) touch(block, steps.length);
  return found;
}

/** Where a block lies. */
export interface Place {
  readonly buffer: number;
  readonly offset: number;
}

/** Blocks in a few large buffers. */
export interface Arena {
  readonly places: ReadonlyMap<number, Place>;
  /** Bytes of each buffer. */
  readonly sizes: readonly number[];
}

/**
 * Places blocks so that two that live at the same time never overlap: largest first, each at
 * the lowest offset that is free for its whole life.
 *
 * @param alignment - of every offset and size, bytes
 * @param capacity - bytes that one buffer can have
 * @throws PlannerError "device" when one block alone exceeds `capacity`
 */
export function placeInArena(
  lives: ReadonlyMap<number, Lifetime>,
  bytesOf: (block: number) => number,
  alignment: number,
  capacity: number,
): Arena {
  const places = new Map<number, Place>();
  const sizes: number[] = [];
  const placed: { place: Place; end: number; life: Lifetime }[] = [];
  const blocks = [...lives].map(([block, life]) => ({
    block,
    life,
    bytes: Math.ceil(Math.max(1, bytesOf(block)) / alignment) * alignment,
  }));
  blocks.sort((a, b) => b.bytes - a.bytes || a.block - b.block);
  for (const { block, life, bytes } of blocks) {
    if (bytes > capacity)
      throw new PlannerError(
        "device",
        `one tensor needs ${bytes} bytes and the device takes ${capacity} in one buffer; use a smaller batch or patch`,
      );
    const neighbours = placed.filter((p) => p.life.first <= life.last && life.first <= p.life.last);
    let place = { buffer: 0, offset: 0 };
    for (; ; place = { buffer: place.buffer + 1, offset: 0 }) {
      const offset = lowestGap(
        neighbours.filter((p) => p.place.buffer === place.buffer),
        bytes,
      );
      if (offset + bytes > capacity) continue;
      place = { ...place, offset };
      break;
    }
    const end = place.offset + bytes;
    places.set(block, place);
    placed.push({ place, end, life });
    sizes[place.buffer] = Math.max(sizes[place.buffer] ?? 0, end);
  }
  return { places, sizes };
}

function lowestGap(taken: { place: Place; end: number }[], bytes: number): number {
  let offset = 0;
  for (const { place, end } of [...taken].sort((a, b) => a.place.offset - b.place.offset)) {
    if (offset + bytes <= place.offset) break;
    offset = Math.max(offset, end);
  }
  return offset;
}
