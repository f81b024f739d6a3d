import { beforeAll, describe, expect, it } from "vitest";
import {
  expectSameMeaning,
  expectSameNumbers,
  expectSameWeights,
  referenceSpec,
} from "../../testing/networkChecks.ts";
import { networkReference } from "../../testing/networkReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { referenceNetworks } from "../../testing/referenceNetworks.ts";
import { CpuModel } from "../cpu/cpuModel.ts";
import { singleThread } from "../cpu/executor.ts";
import {
  compileKernels,
  instantiateKernels,
  type WasmModule,
} from "../kernels/wasm/wasmKernels.ts";

let module: WasmModule;
beforeAll(async () => {
  module = await compileKernels();
});

/** Small enough for plain loops. */
const smallest = ["segresnet_small", "attentionunet3d", "segresnet2d_f8"];

describe.skipIf(!hasShared).each(Object.entries(referenceNetworks))("%s", (name, one) => {
  const { network, isTransposed } = one;
  const load = () => networkReference(name, isTransposed);

  it("has the weights of the reference", () => {
    expectSameWeights(network, load());
  });

  it.runIf(smallest.includes(name))("means the same in plain loops", () => {
    expectSameMeaning(network, load());
  });

  it("predicts and learns the same on the CPU path", async () => {
    const reference = load();
    const device = singleThread(instantiateKernels(module));
    const model = new CpuModel(referenceSpec(network, reference), reference.weights, device);
    await expectSameNumbers(model, reference, async (batch) => {
      const found = await model.gradients(batch);
      expect(await model.step(batch, 0)).toBe(found.loss);
      return found;
    });
    model.dispose();
  });
});
