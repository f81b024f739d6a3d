import { describe, expect, it } from "vitest";
import { neverStopped, openGate } from "../context.ts";
import { interpolationQuality, meanIou } from "../evaluation/interpolationQuality.ts";
import { seededRandom } from "../random.ts";
import { annotate } from "../selection/annotate.ts";
import { phantomCase } from "../volume/phantom.ts";
import { alongFlow, denseFlow, type Picture } from "./denseFlow.ts";
import type { Interpolator } from "./interpolator.ts";
import { nearest } from "./nearest.ts";
import { opticalFlow } from "./opticalFlow.ts";

const context = { random: seededRandom(1), signal: neverStopped, gate: openGate };

/** A few soft bright spots, moved. */
function spots(dy: number, dx: number): Picture {
  const [height, width] = [40, 48];
  const centres = [
    [12, 14, 5],
    [26, 30, 7],
    [18, 38, 4],
    [32, 12, 6],
  ] as const;
  const values = Float32Array.from({ length: height * width }, (_, p) =>
    centres.reduce((sum, [y, x, r]) => {
      const distance = (Math.floor(p / width) - y - dy) ** 2 + ((p % width) - x - dx) ** 2;
      return sum + 180 * Math.exp(-distance / (2 * r * r));
    }, 0),
  );
  return { height, width, values };
}

describe("denseFlow", () => {
  it.each([
    [0, 0],
    [1.5, 0],
    [0, -2.5],
    [3, 4],
  ] as const)("finds a shift of %d, %d pixels", (dy, dx) => {
    const flow = denseFlow(spots(0, 0), spots(dy, dx));
    for (const place of [12 * 48 + 14, 26 * 48 + 30, 20 * 48 + 24]) {
      expect(Math.abs((flow.y[place] ?? Number.NaN) - dy)).toBeLessThan(0.35);
      expect(Math.abs((flow.x[place] ?? Number.NaN) - dx)).toBeLessThan(0.35);
    }
  });

  it("of pictures without anything to see is zero", () => {
    const flat = { height: 3, width: 5, values: new Float32Array(15).fill(9) };
    const { y, x } = denseFlow(flat, flat);
    expect([...y, ...x].every((value) => value === 0)).toBe(true);
  });
});

describe("alongFlow", () => {
  it("takes what lies where the flow points, the edge beyond it", () => {
    const flow = { y: new Float32Array(3), x: Float32Array.of(1, 0.5, 5) };
    const values = Float32Array.of(0, 10, 20, 30, 40, 50);
    expect([...alongFlow(flow, { height: 1, width: 3 }, values)]).toEqual([20, 30, 30, 40, 40, 50]);
  });
});

describe("opticalFlow", () => {
  it("follows what moves in the image, where copying the nearest mask cannot", async () => {
    const [depth, height, width] = [9, 36, 44];
    const voxels = new Float32Array(depth * height * width);
    const classes = new Uint8Array(voxels.length);
    for (let index = 0; index < voxels.length; index++) {
      const [z, row] = [Math.floor(index / (height * width)), Math.floor(index / width) % height];
      const distance = Math.hypot(row - 18, (index % width) - 10 - 2.5 * z);
      voxels[index] = 1 / (1 + Math.exp(distance - 6));
      classes[index] = distance < 6 ? 1 : 0;
    }
    const shape = [depth, height, width] as const;
    const image = { ...phantomCase("a", shape, seededRandom(1)).image, voxels };
    const truth = { shape, classes };
    const example = annotate({ id: "a", patient: "a", image, mask: truth }, [0, 8]);
    const iouBy = async (interpolator: Interpolator) => {
      const [filled] = await interpolator([example], context);
      const { interpolatedOnly } = interpolationQuality(filled?.known ?? truth, truth, [0, 8]);
      return meanIou(interpolatedOnly) ?? 0;
    };
    expect(await iouBy(opticalFlow())).toBeGreaterThan(0.85);
    expect(await iouBy(nearest)).toBeLessThan(0.5);
  });

  it("fills volumes of one colour as if nothing moved", async () => {
    const shape = [3, 4, 4] as const;
    const image = {
      ...phantomCase("a", shape, seededRandom(1)).image,
      voxels: new Float32Array(48),
    };
    const mask = { shape, classes: new Uint8Array(48).fill(1, 0, 5) };
    const [filled] = await opticalFlow()(
      [annotate({ id: "a", patient: "a", image, mask }, [0])],
      context,
    );
    for (const z of [1, 2])
      expect([...(filled?.known.classes.subarray(16 * z, 16 * z + 16) ?? [])]).toEqual([
        ...mask.classes.subarray(0, 16),
      ]);
  });
});
