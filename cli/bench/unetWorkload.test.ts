import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { describeNetwork } from "#nn/describeNetwork.ts";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { parseBenchJob } from "./bench.ts";
import { type UnetSpec, unetWorkload } from "./unetWorkload.ts";

const specs: UnetSpec[] = [
  { workload: "unet2d", size: 32, batch: 2, base: 4, depth: 3, classes: 3, norm: "instance" },
  { workload: "unet3d", size: 8, batch: 1, base: 4, depth: 2, classes: 2, norm: "none" },
];

describe("unetWorkload", () => {
  it.each(specs)("has a weight for every weight of the network: $workload", (spec) => {
    const { network, input, weights } = unetWorkload(spec);
    const described = describeNetwork(network, input).weights;
    expect([...weights.keys()].sort()).toEqual([...described.keys()].sort());
    for (const [name, shape] of described) {
      expect(weights.get(name)).toHaveLength(shape.reduce((a, b) => a * b, 1));
    }
  });

  it("of base 8, 4 levels and instance norm has 122,682 weights", () => {
    const { weights } = unetWorkload({ ...(specs[0] as UnetSpec), base: 8, depth: 4, classes: 2 });
    expect([...weights.values()].reduce((sum, { length }) => sum + length, 0)).toBe(122_682);
  });

  it.skipIf(!hasShared).each(specs)(
    "equals the harness's own formulas: $workload",
    async (spec) => {
      const path = pathToFileURL(`${sharedFolder}bench/peers/lib/spec.mjs`).href;
      const peers = await import(/* @vite-ignore */ path);
      const full = peers.makeSpec(spec.workload, spec);
      const { weights, images, classes, flopsPerStep } = unetWorkload(spec);
      const expected: Float32Array[] = peers
        .unetParams(full)
        .map((one: { data: Float32Array }) => one.data);
      expect([...weights.values()]).toEqual(expected);
      const { x, labels } = peers.unetData(full);
      expect(images).toEqual(x);
      expect(Array.from(classes)).toEqual(Array.from(labels as Int32Array));
      expect(flopsPerStep).toBe(peers.unetFlops(full).step);
    },
  );
});

describe("parseBenchJob", () => {
  it("fills in what a job leaves out", () => {
    expect(parseBenchJob({ spec: { workload: "unet2d", size: 16 } })).toEqual({
      spec: { workload: "unet2d", size: 16, batch: 4, base: 8, depth: 4, classes: 2, norm: "none" },
      warmup: 2,
      steps: 6,
    });
  });

  it.each([
    [{ workload: "matmul" }, "workload must be unet2d or unet3d, got matmul"],
    [{ workload: "unet2d", up: "nearest" }, "up must be bilinear for this engine, got nearest"],
    [{ workload: "unet2d", batch: 0 }, "bench job: spec: batch must be an integer from 1 to 1024"],
  ])("refuses %j", (spec, message) => {
    expect(() => parseBenchJob({ spec })).toThrow(message);
  });
});
