import { expect, it } from "vitest";
import { defaultRecipe } from "#core/experiment/recipe.ts";
import { seededRandom } from "#core/random.ts";
import { relativeDifference } from "../../testing/difference.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { startCpu } from "../eager/startCpu.ts";
import type { Engine } from "../engine.ts";
import { networks } from "../trial/methods.ts";
import { lossOf, optimiserOf } from "../trial/recipes.ts";
import { initialWeights } from "../weights.ts";
import { startEngine } from "./startEngine.ts";

const classes = 2;
const loss = lossOf(defaultRecipe);
const optimiser = optimiserOf(defaultRecipe);

/** What every trial trains, for a few steps on fresh batches. */
async function train(engine: Engine) {
  const { network } = networks.unet2d("XS", classes);
  const input = [2, 24, 16, 1];
  const weights = initialWeights(describeNetwork(network, input), seededRandom(1));
  const model = await engine.createModel({ network, input, classes, loss, optimiser }, weights);
  const random = seededRandom(2);
  const losses: number[] = [];
  for (let step = 0; step < 8; step++) {
    const images = Float32Array.from({ length: 768 }, () => random.normal());
    const known = Uint8Array.from(images, (value) => (value > 1.5 ? 255 : value > 0.2 ? 1 : 0));
    losses.push(await model.step({ images, classes: known }, 1e-3));
  }
  const images = Float32Array.from({ length: 3 * 32 * 24 }, () => random.normal());
  const logits = await model.predict(images, [3, 32, 24, 1]);
  model.dispose();
  engine.dispose();
  return { losses, logits };
}

it("starts a CPU path that trains and predicts as the eager one", async () => {
  const engine = await startEngine({ backend: "cpu", wasm: wasmFiles });
  expect(engine.backend).toBe("cpu");
  const got = await train(engine);
  const expected = await train(await startCpu(wasmFiles));
  expect(relativeDifference(got.losses, expected.losses)).toBeLessThan(2e-3);
  expect(relativeDifference(got.logits, expected.logits)).toBeLessThan(2e-2);
});

it("refuses WebGPU where there is none", async () => {
  await expect(startEngine({ backend: "webgpu", wasm: wasmFiles })).rejects.toMatchObject({
    code: "device",
    message: "WebGPU is not available here; choose the CPU path",
  });
});
