import { describe, expect, it } from "vitest";
import { openTestGpu } from "../../testing/gpu.ts";
import { hasShared } from "../../testing/reference.ts";
import {
  expectInterpreted,
  expectOutput,
  expectTrained,
} from "../../testing/tokenNetworkChecks.ts";
import { networkReference } from "../../testing/tokenNetworkReference.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { createWebgpuEngine } from "../webgpu/webgpuEngine.ts";
import { weightCount } from "../weights.ts";
import { coarseSegFormer, mixTransformers, segFormer } from "./segFormer.ts";

const { gpu } = await openTestGpu();

/** Our name of a parameter of the published network. */
const segFormerName = (torch: string): string =>
  /(norm\d*|bn)\.(weight|bias)$/.test(torch)
    ? torch.replace(/weight$/, "scale").replace(/bias$/, "shift")
    : torch.replace(/weight$/, "kernel");

describe("segFormer", () => {
  it.each([
    ["b0", 3_714_658],
    ["b1", 13_677_762],
    ["b2", 27_348_162],
    ["b3", 47_224_002],
    ["b4", 63_994_562],
    ["b5", 84_594_882],
  ] as const)("%s learns %d numbers from colour pictures of two classes", (name, count) => {
    const description = describeNetwork(segFormer(name, 2), [1, 64, 64, 3]);
    expect(weightCount(description)).toBe(count);
    expect(description.output).toEqual([1, 64, 64, 2]);
  });

  it("takes slices of any size from 32 x 32 on, and no smaller ones", () => {
    const network = segFormer("mini", 2);
    expect(describeNetwork(network, [1, 32, 45, 1]).output).toEqual([1, 32, 45, 2]);
    expect(() => describeNetwork(network, [1, 28, 64, 1])).toThrow(/patches .* must fit/);
  });
});

const loadable = (name: "b0" | "b1", classes: number) => ({
  reference: networkReference(`segformer_${name}`, { name: segFormerName }),
  whole: segFormer(name, classes),
  coarse: coarseSegFormer({ ...mixTransformers[name], heads: [1, 2, 5, 8], classes }),
});

describe.skipIf(!hasShared)("segFormer against PyTorch", () => {
  it("in plain loops", () => {
    const { reference, whole, coarse } = loadable("b0", 3);
    expectInterpreted(whole, reference);
    expectOutput(coarse, reference, "training", reference.logits);
    expectOutput(coarse, reference, "inference", reference.predictions ?? []);
  }, 300_000);

  it.each([
    ["b0", 3],
    ["b1", 2],
  ] as const)(
    "%s on the CPU path",
    async (name, classes) => {
      const { reference, whole } = loadable(name, classes);
      const engine = await createCpuEngine();
      await expectTrained(engine, whole, reference);
      engine.dispose();
    },
    120_000,
  );

  it.skipIf(!gpu)(
    "b0 on WebGPU",
    async () => {
      const { reference, whole } = loadable("b0", 3);
      const engine = await createWebgpuEngine(gpu as GPU);
      await expectTrained(engine, whole, reference);
      engine.dispose();
    },
    300_000,
  );
});
