import { beforeAll, describe, expect, it } from "vitest";
import { basicUnetReference } from "../../testing/basicUnetReference.ts";
import { relativeDifference } from "../../testing/difference.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { hasShared } from "../../testing/reference.ts";
import { basicUnet } from "../networks/basicUnet.ts";
import { createWebgpuEngine, type WebgpuEngine } from "./webgpuEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

/** PyTorch numbers of whole networks, in 2D and 3D. */
describe.skipIf(!hasShared || !gpu).each([
  { name: "basicunet2d", features: [8, 8, 16, 32, 64, 8] },
  { name: "basicunet3d", features: [4, 4, 8, 16, 16, 4] },
] as const)("$name on WebGPU", ({ name, features }) => {
  let engine: WebgpuEngine;
  beforeAll(async () => {
    engine = await createWebgpuEngine(gpu as GPU);
    return () => engine.dispose();
  });

  it("gives PyTorch's logits, loss, gradients and training curve", async () => {
    const reference = basicUnetReference(name);
    const { shape, classes, weights, images, labels, trajectory } = reference;
    const [beta1, beta2] = trajectory.betas;
    const { eps: epsilon, weight_decay: weightDecay } = trajectory;
    const model = await engine.createModel(
      {
        network: basicUnet({ classes, features }),
        input: shape,
        classes,
        loss: { crossEntropy: 1, dice: 0 },
        optimiser: { kind: "adamw", beta1, beta2, epsilon, weightDecay },
      },
      weights,
    );
    expect(relativeDifference(await model.predict(images, shape), reference.logits)).toBeLessThan(
      1e-4,
    );
    for (const [step, expected] of trajectory.losses.entries()) {
      const loss = await model.step({ images, classes: labels }, trajectory.lr);
      // Biases before a norm have no gradient but rounding, which AdamW turns into steps.
      expect(Math.abs(loss - expected), `step ${step}`).toBeLessThan(step === 0 ? 1e-5 : 2e-3);
      if (step === 0) expectGradients(reference, await model.readGradients());
    }
    model.dispose();
  }, 300_000);
});

function expectGradients(
  { parameters, inOurLayout }: ReturnType<typeof basicUnetReference>,
  gradients: ReadonlyMap<string, Float32Array>,
): void {
  for (const parameter of parameters) {
    const gradient = gradients.get(parameter.ours) ?? new Float32Array(0);
    const tolerance = (size: number) => 50 * parameter.grad_err32 + 1e-4 * Math.abs(size);
    const norm = Math.sqrt(gradient.reduce((sum, one) => sum + one * one, 0));
    expect(Math.abs(norm - parameter.grad_l2), parameter.name).toBeLessThan(
      Math.sqrt(gradient.length) * tolerance(parameter.grad_l2),
    );
    // Where each element of the reference lies in our layout.
    const ours = inOurLayout(
      parameter,
      Float32Array.from(gradient, (_, at) => at),
    );
    for (const [at, expected] of parameter.grad_at) {
      const got = gradient[ours.indexOf(at)] ?? Number.NaN;
      expect(Math.abs(got - expected), `${parameter.name}[${at}]`).toBeLessThan(
        tolerance(expected),
      );
    }
  }
}
