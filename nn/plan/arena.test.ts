import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lifetimes, placeInArena } from "./arena.ts";

describe("lifetimes", () => {
  it("runs from the first to the last step that touches a block", () => {
    const steps = [
      { reads: [0], writes: [1] },
      { reads: [1], writes: [2] },
      { reads: [1, 2], writes: [3] },
    ];
    const found = lifetimes(steps, { before: [0], after: [3] });
    expect([...found].sort(([a], [b]) => a - b)).toEqual([
      [0, { first: -1, last: 0 }],
      [1, { first: 0, last: 2 }],
      [2, { first: 1, last: 2 }],
      [3, { first: 2, last: 3 }],
    ]);
  });
});

describe("placeInArena", () => {
  const block = fc.record({
    first: fc.integer({ min: 0, max: 20 }),
    length: fc.integer({ min: 0, max: 10 }),
    bytes: fc.integer({ min: 1, max: 3000 }),
  });

  it("never lets two blocks overlap while both live, aligned and within capacity", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 25 }), (blocks) => {
        const lives = new Map(
          blocks.map(({ first, length }, i) => [i, { first, last: first + length }]),
        );
        const bytes = (i: number) => blocks[i]?.bytes ?? 0;
        const { places, sizes } = placeInArena(lives, bytes, 256, 4096);
        for (const size of sizes) expect(size).toBeLessThanOrEqual(4096);
        const placed = [...places].map(([i, place]) => ({
          ...place,
          end: place.offset + bytes(i),
          life: lives.get(i) ?? { first: 0, last: -1 },
        }));
        const meet = (a: (typeof placed)[number], b: (typeof placed)[number]) =>
          a !== b &&
          a.buffer === b.buffer &&
          Math.max(a.life.first, b.life.first) <= Math.min(a.life.last, b.life.last) &&
          Math.max(a.offset, b.offset) < Math.min(a.end, b.end);
        for (const a of placed) {
          expect(a.offset % 256).toBe(0);
          expect(a.end).toBeLessThanOrEqual(sizes[a.buffer] ?? 0);
          expect(placed.filter((b) => meet(a, b))).toEqual([]);
        }
      }),
    );
  });

  it("uses space again once a block has died", () => {
    const lives = new Map([
      [0, { first: 0, last: 1 }],
      [1, { first: 2, last: 3 }],
    ]);
    expect(placeInArena(lives, () => 512, 256, 4096).sizes).toEqual([512]);
  });

  it("refuses a block larger than a buffer", () => {
    const lives = new Map([[0, { first: 0, last: 0 }]]);
    expect(() => placeInArena(lives, () => 5000, 256, 4096)).toThrow(
      "one tensor needs 5120 bytes and the device takes 4096 in one buffer; use a smaller batch or patch",
    );
  });
});
