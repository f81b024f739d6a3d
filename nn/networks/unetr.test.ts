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
import { unetr } from "./unetr.ts";

const { gpu } = await openTestGpu();

const base = { features: 16, hidden: 768, heads: 12, mlp: 3072 };

describe("unetr", () => {
  it.each([
    [{ ...base, classes: 2 }, 96, 92_783_842],
    [{ ...base, classes: 14 }, 96, 92_784_046],
    [{ ...base, classes: 2 }, 64, 92_667_106],
    [{ ...base, classes: 2 }, 128, 93_011_170],
    [{ features: 8, hidden: 192, heads: 3, mlp: 768, classes: 2 }, 64, 6_971_314],
    [{ features: 8, hidden: 96, heads: 3, mlp: 384, classes: 2 }, 64, 2_443_666],
  ])("%o learns at %d voxels a side %d numbers", (options, side, count) => {
    const input = [1, side, side, side, 1];
    const description = describeNetwork(unetr(options), input);
    expect(weightCount(description)).toBe(count);
    expect(description.output).toEqual([...input.slice(0, -1), options.classes]);
  });

  it("refuses a patch that it cannot cut up", () => {
    const network = unetr({ features: 4, hidden: 48, heads: 4, mlp: 96, classes: 2 });
    expect(() => describeNetwork(network, [1, 24, 32, 32, 1])).toThrow(/same places/);
    expect(() => describeNetwork(network, [1, 8, 32, 32, 1])).toThrow(/must fit/);
  });
});

const small = () => ({
  network: unetr({ features: 4, hidden: 48, heads: 4, mlp: 96, classes: 2 }),
  reference: networkReference("unetr_small", {
    name: (torch) =>
      torch === "vit.patch_embedding.position_embeddings"
        ? `${torch}.table`
        : /norm\d?\.(weight|bias)$/.test(torch)
          ? torch.replace(/weight$/, "scale").replace(/bias$/, "shift")
          : torch.replace(/weight$/, "kernel"),
    isTransposed: (torch) => /transp_conv|blocks\.\d\.0\.conv/.test(torch),
  }),
});

describe.skipIf(!hasShared)("unetr against PyTorch", () => {
  it("in plain loops", () => {
    const { network, reference } = small();
    expectInterpreted(network, reference);
    expectOutput(network, reference, "training", reference.logits);
  }, 300_000);

  it("on the CPU path", async () => {
    const { network, reference } = small();
    const engine = await createCpuEngine();
    await expectTrained(engine, network, reference);
    engine.dispose();
  }, 120_000);

  it.skipIf(!gpu)(
    "on WebGPU",
    async () => {
      const { network, reference } = small();
      const engine = await createWebgpuEngine(gpu as GPU);
      await expectTrained(engine, network, reference);
      engine.dispose();
    },
    300_000,
  );
});
