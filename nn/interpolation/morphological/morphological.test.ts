import { describe, expect, it } from "vitest";
import { neverStopped, openGate } from "#core/context.ts";
import { seededRandom } from "#core/random.ts";
import type { Example } from "#core/selection/annotate.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import { morphologicalFiles } from "../../../testing/morphologicalFiles.ts";
import { startMorphological } from "./itkPipeline.ts";
import { morphological } from "./morphological.ts";

const context = { random: seededRandom(1), signal: neverStopped, gate: openGate };
const started = startMorphological(morphologicalFiles);
const interpolator = morphological(() => started);

function exampleOf(depth: number, slices: Record<number, readonly string[]>): Example {
  const [rows = []] = Object.values(slices);
  const shape = [depth, rows.length, rows[0]?.length ?? 0] as const;
  const size = shape[1] * shape[2];
  const classes = new Uint8Array(depth * size).fill(UNANNOTATED);
  for (const [z, lines] of Object.entries(slices))
    classes.set([...lines.join("")].map(Number), Number(z) * size);
  return {
    id: "a",
    image: {
      shape,
      spacing: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      voxels: new Float32Array(depth * size),
    },
    known: { shape, classes },
    annotated: Object.keys(slices).map(Number),
  };
}

async function sliceAfter(example: Example, z: number): Promise<string[]> {
  const [filled] = await interpolator([example], context);
  const [, height, width] = example.known.shape;
  return Array.from({ length: height }, (_, y) =>
    [...(filled?.known.classes ?? [])]
      .slice((z * height + y) * width, (z * height + y + 1) * width)
      .join(""),
  );
}

describe("morphological", () => {
  it("moves a shape from one place to another", async () => {
    const example = exampleOf(3, {
      0: ["1110000", "1110000", "1110000"],
      2: ["0011100", "0011100", "0011100"],
    });
    expect(await sliceAfter(example, 1)).toEqual(["0111000", "0111000", "0111000"]);
  });

  it("keeps what stands still, several classes apart", async () => {
    const rows = ["1100022", "1100022", "0000000"];
    expect(await sliceAfter(exampleOf(5, { 0: rows, 4: rows }), 2)).toEqual(rows);
  });

  it("shrinks a class that ends, which an empty annotated slice says", async () => {
    const rows = ["0000000", "0111110", "0111110", "0111110", "0000000"];
    const empty = rows.map(() => "0000000");
    const example = exampleOf(9, { 0: rows, 4: empty, 8: rows });
    const middle = (await sliceAfter(example, 2)).join("");
    const count = [...middle].filter((value) => value === "1").length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(15);
    expect(await sliceAfter(example, 4)).toEqual(empty);
    expect(await sliceAfter(exampleOf(3, { 0: empty, 2: empty }), 1)).toEqual(empty);
  });

  it("keeps the outermost masks beyond them, and volumes without annotation as they are", async () => {
    const rows = ["010", "011"];
    for (const z of [0, 4]) expect(await sliceAfter(exampleOf(5, { 2: rows }), z)).toEqual(rows);
    const bare = exampleOf(2, { 0: rows });
    const nothing = {
      ...bare,
      annotated: [],
      known: { ...bare.known, classes: new Uint8Array(12).fill(UNANNOTATED) },
    };
    const [filled] = await interpolator([nothing], context);
    expect(filled?.known.classes).toEqual(nothing.known.classes);
  });

  it("says what to do when its files are not there", async () => {
    const missing = {
      ...morphologicalFiles,
      wasm: async () => Promise.reject(new Error("offline")),
    };
    await expect(startMorphological(missing)).rejects.toThrow(
      "morphological interpolation did not start (offline); reload, or take another interpolator",
    );
  });
});
