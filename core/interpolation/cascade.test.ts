import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { neverStopped, openGate } from "../context.ts";
import type { Example } from "../selection/annotate.ts";
import { UNANNOTATED } from "../volume/volume.ts";
import { fillByCascade, type Warp } from "./cascade.ts";
import { type CascadeOptions, cascadeDefaults } from "./combineSides.ts";

const context = { signal: neverStopped, gate: openGate };

/** Slices of one row. */
function exampleOf(
  depth: number,
  width: number,
  slices: Record<number, readonly number[]>,
): Example {
  const classes = new Uint8Array(depth * width).fill(UNANNOTATED);
  for (const [index, row] of Object.entries(slices)) classes.set(row, Number(index) * width);
  return {
    id: "a",
    image: {
      shape: [depth, 1, width],
      spacing: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      voxels: new Float32Array(depth * width),
    },
    known: { shape: [depth, 1, width], classes },
    annotated: Object.keys(slices).map(Number),
  };
}

const still: Warp = async (_source, _target, values) => values.slice();

/** A world that moves one pixel to the right from slice to slice, background coming in. */
const moving =
  (width: number): Warp =>
  async (source, target, values) => {
    const classes = values.length / width;
    const moved = new Float32Array(values.length);
    for (let x = 0; x < width; x++) {
      const from = x - (target - source);
      if (from < 0 || from >= width) moved[x * classes] = 1;
      else moved.set(values.subarray(from * classes, (from + 1) * classes), x * classes);
    }
    return moved;
  };

async function rows(
  example: Example,
  warp: Warp,
  options: Partial<CascadeOptions> = {},
): Promise<number[][]> {
  const { known } = await fillByCascade(example, warp, { ...cascadeDefaults, ...options }, context);
  const [depth, , width] = known.shape;
  return Array.from({ length: depth }, (_, z) => [
    ...known.classes.subarray(z * width, (z + 1) * width),
  ]);
}

const _ = UNANNOTATED;

describe("a two-sided cascade", () => {
  it.each(["unit", "direct", "both"] as const)("follows what moves, by path %s", async (path) => {
    const example = exampleOf(5, 6, { 0: [1, 2, 0, 0, 0, 0], 4: [0, 0, 0, 0, 1, 2] });
    expect(await rows(example, moving(6), { path })).toEqual([
      [1, 2, 0, 0, 0, 0],
      [0, 1, 2, 0, 0, 0],
      [0, 0, 1, 2, 0, 0],
      [0, 0, 0, 1, 2, 0],
      [0, 0, 0, 0, 1, 2],
    ]);
  });

  it("is the nearer side where nothing moves, the smaller class half-way", async () => {
    const example = exampleOf(5, 1, { 0: [2], 4: [1] });
    expect(await rows(example, still)).toEqual([[2], [2], [1], [1], [1]]);
    expect(await rows(example, still, { combine: "nearest" })).toEqual([[2], [2], [2], [1], [1]]);
    expect(await rows(example, still, { combine: "equal" })).toEqual([[2], [1], [1], [1], [1]]);
  });

  it("joins the foreground of both sides, or keeps what they share", async () => {
    const example = exampleOf(3, 4, { 0: [1, 1, 0, 2], 2: [0, 1, 0, 1] });
    expect((await rows(example, still, { combine: "union" }))[1]).toEqual([1, 1, 0, 2]);
    expect((await rows(example, still, { combine: "intersection" }))[1]).toEqual([0, 1, 0, 0]);
    expect((await rows(example, still, { combine: "confidence" }))[1]).toEqual([1, 1, 0, 2]);
  });

  it.each([
    ["propagate", [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]],
    ["background", [0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]],
    ["unannotated", [_, _, _], [_, _, _], [0, 1, 0], [_, _, _], [_, _, _]],
  ] as const)("beyond the outermost slices: %s", async (outer, ...expected) => {
    const example = exampleOf(5, 3, { 2: [0, 1, 0] });
    expect(await rows(example, moving(3), { outer })).toEqual(expected);
  });

  it("stays background once an end was empty, whatever would come back", async () => {
    let calls = 0;
    const vanishing: Warp = async (_source, target, values) => {
      calls++;
      const back = values.slice().fill(0);
      for (let i = 0; i < back.length; i += 2) back[i + (target === 1 ? 0 : 1)] = 1;
      return back;
    };
    const example = exampleOf(4, 2, { 0: [1, 1] });
    expect(await rows(example, vanishing)).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(calls).toBe(1);
  });

  it("leaves doubtful pixels unannotated and says how sure it was", async () => {
    const example = exampleOf(3, 2, { 0: [1, 1], 2: [1, 0] });
    const options = { ...cascadeDefaults, minConfidence: 0.8 };
    const filled = await fillByCascade(example, still, options, context);
    expect([...filled.known.classes]).toEqual([1, 1, 1, _, 1, 0]);
    expect([...(filled.confidence ?? [])]).toEqual([1, 1, 1, 0.5, 1, 1]);
    expect((await rows(example, still, { maxDisagreement: 1 }))[1]).toEqual([1, _]);
  });

  it("carries the class that won where told so", async () => {
    const fading: Warp = async (_source, _target, values) => {
      const faded = values.slice();
      for (let i = 0; i < faded.length; i += 2) {
        faded[i + 1] = 0.8 * (values[i + 1] ?? 0);
        faded[i] = 1 - (faded[i + 1] ?? 0);
      }
      return faded;
    };
    const example = exampleOf(8, 1, { 0: [1] });
    const last = async (carry: "soft" | "hard") => (await rows(example, fading, { carry })).flat();
    expect(await last("soft")).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect(await last("hard")).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("never changes an annotated slice nor its input, and fills all else", async () => {
    const row = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 });
    const input = fc.integer({ min: 1, max: 5 }).chain((depth) =>
      fc.record({
        depth: fc.constant(depth),
        slices: fc.dictionary(fc.integer({ min: 0, max: depth - 1 }).map(String), row),
        combine: fc.constantFrom("distance", "equal", "nearest", "confidence", "union" as const),
      }),
    );
    await fc.assert(
      fc.asyncProperty(input, async ({ depth, slices, combine }) => {
        const example = exampleOf(depth, 3, slices);
        const before = example.known.classes.slice();
        const filled = await rows(example, moving(3), { combine });
        expect(example.known.classes).toEqual(before);
        for (const index of example.annotated) expect(filled[index]).toEqual(slices[index]);
        const isFull = !filled.flat().includes(UNANNOTATED);
        expect(isFull).toBe(example.annotated.length > 0);
      }),
    );
  });

  it("hears a stop", async () => {
    const stopped = {
      aborted: true,
      throwIfAborted: () => {
        throw new Error("stopped");
      },
    };
    const example = exampleOf(3, 1, { 0: [1] });
    await expect(
      fillByCascade(example, still, cascadeDefaults, { signal: stopped, gate: openGate }),
    ).rejects.toThrow("stopped");
  });
});
