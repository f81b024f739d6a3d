import { describe, expect, it } from "vitest";
import type { ThumbnailWish } from "#workers/protocol.ts";
import { type DrawnThumbnail, keyOf, ThumbnailQueue } from "./thumbnailQueue.ts";

const wishesFrom = (first: number, count: number): ThumbnailWish[] =>
  Array.from({ length: count }, (_, index) => ({ caseId: "a", slice: first + index }));

/** A drawer whose batches wait until they are let go. */
function slowDrawer() {
  const batches: { slices: number[]; finish: () => void }[] = [];
  const draw = (slices: readonly ThumbnailWish[]) =>
    new Promise<never>((resolve) => {
      const value = slices.map(({ slice }) => ({
        width: 1,
        height: 1,
        rgba: new Uint8ClampedArray(4).fill(slice),
      }));
      const finish = () => resolve({ value, problem: null } as never);
      batches.push({ slices: slices.map(({ slice }) => slice), finish });
    });
  return { batches, draw };
}

describe("the queue of thumbnails", () => {
  it("asks for what is in sight now, not for what was scrolled past", async () => {
    const { batches, draw } = slowDrawer();
    let drawn: ReadonlyMap<string, DrawnThumbnail> = new Map();
    const queue = new ThumbnailQueue(draw, (now) => {
      drawn = now;
    });
    queue.want(wishesFrom(0, 20));
    queue.want(wishesFrom(500, 10));
    queue.want(wishesFrom(900, 3));
    batches[0]?.finish();
    await expect.poll(() => batches.length).toBe(2);
    batches[1]?.finish();
    await expect.poll(() => drawn.size).toBe(11);
    expect(batches.map(({ slices }) => slices)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [900, 901, 902],
    ]);
    expect(drawn.get(keyOf({ caseId: "a", slice: 901 }))).toMatchObject({ width: 1 });
    // Nothing is drawn twice.
    queue.want(wishesFrom(900, 3));
    expect(batches.length).toBe(2);
  });

  it("says why there is no picture, and goes on", async () => {
    const asked: number[] = [];
    let drawn: ReadonlyMap<string, DrawnThumbnail> = new Map();
    const queue = new ThumbnailQueue(
      async (slices) => {
        asked.push(slices.length);
        return { value: null, problem: "The volumes are gone" };
      },
      (now) => {
        drawn = now;
      },
    );
    queue.want(wishesFrom(0, 10));
    await expect.poll(() => drawn.size).toBe(10);
    expect(asked).toEqual([8, 2]);
    expect(drawn.get("3 a")).toBe("The volumes are gone");
  });

  it("draws nothing more once it was stopped", async () => {
    const { batches, draw } = slowDrawer();
    let changes = 0;
    const queue = new ThumbnailQueue(draw, () => {
      changes++;
    });
    queue.want(wishesFrom(0, 20));
    queue.stop();
    batches[0]?.finish();
    await Promise.resolve();
    queue.want(wishesFrom(30, 2));
    await Promise.resolve();
    expect([batches.length, changes]).toEqual([1, 0]);
  });
});
