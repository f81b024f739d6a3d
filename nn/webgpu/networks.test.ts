import { afterAll, describe, it } from "vitest";
import { openTestGpu } from "../../testing/gpu.ts";
import { expectSameNumbers, referenceSpec } from "../../testing/networkChecks.ts";
import { networkReference } from "../../testing/networkReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { referenceNetworks } from "../../testing/referenceNetworks.ts";
import { createWebgpuEngine, type WebgpuEngine } from "./webgpuEngine.ts";
import type { WebgpuModel } from "./webgpuModel.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

/** The smallest of each network: software adapters are slow. */
const names = ["unet3d_cicek_b4", "segresnet_small", "attentionunet3d"];

describe.skipIf(!gpu || !hasShared)("networks", () => {
  let engine: WebgpuEngine | undefined;
  afterAll(() => engine?.dispose());

  it.each(names)(
    "%s predicts and learns as in PyTorch",
    async (name) => {
      engine ??= await createWebgpuEngine(gpu as GPU);
      const one = referenceNetworks[name];
      if (!one) throw new Error(`no network ${name}`);
      const reference = networkReference(name, one.isTransposed);
      const spec = referenceSpec(one.network, reference);
      const model = (await engine.createModel(spec, reference.weights)) as WebgpuModel;
      await expectSameNumbers(model, reference, async (batch) => ({
        loss: await model.step(batch, 0),
        gradients: await model.readGradients(),
      }));
      model.dispose();
    },
    120_000,
  );
});
