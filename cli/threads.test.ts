import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultRecipe } from "#core/experiment/recipe.ts";
import { seededRandom } from "#core/random.ts";
import { createCpuEngine } from "#nn/cpu/createCpuEngine.ts";
import { describeNetwork } from "#nn/describeNetwork.ts";
import type { Engine } from "#nn/engine.ts";
import { networks } from "#nn/trial/methods.ts";
import { lossOf, optimiserOf } from "#nn/trial/recipes.ts";
import { initialWeights } from "#nn/weights.ts";
import { nodeThread } from "./threads.ts";

const folder = mkdtempSync(join(tmpdir(), "threads-"));
const file = pathToFileURL(join(folder, "kernelThread.js"));

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("..", import.meta.url)),
    ssr: { noExternal: true },
    build: { ssr: "cli/kernelThread.ts", outDir: folder, minify: false },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const classes = 2;
const loss = lossOf(defaultRecipe);
const optimiser = optimiserOf(defaultRecipe);

/** What every trial trains, for a few steps, then larger images. */
async function train(engine: Engine) {
  const { network } = networks.unet2d("XS", classes);
  const input = [4, 24, 32, 1];
  const weights = initialWeights(describeNetwork(network, input), seededRandom(1));
  const model = await engine.createModel({ network, input, classes, loss, optimiser }, weights);
  const random = seededRandom(2);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  const losses: number[] = [];
  const step = async () => {
    const images = floats(4 * 24 * 32);
    const known = Uint8Array.from(images, (value) => (value > 1.5 ? 255 : value > 0.2 ? 1 : 0));
    losses.push(await model.step({ images, classes: known }, 1e-3));
  };
  for (let i = 0; i < 6; i++) await step();
  const logits = await model.predict(floats(6 * 64 * 64), [6, 64, 64, 1]);
  await step();
  const trained = await model.readWeights();
  model.dispose();
  return { losses, logits, trained };
}

/** An engine on threads whose every piece of work is shared, and the reasons why they ended. */
async function threaded(count: number) {
  const ended: string[] = [];
  const spawn = () => {
    const port = nodeThread(file);
    const listen: typeof port.listen = (onMessage, onFailure) =>
      port.listen(onMessage, (reason) => {
        ended.push(reason);
        onFailure(reason);
      });
    return { ...port, listen };
  };
  return { ended, engine: await createCpuEngine({ count, spawn, smallestPiece: 1 }) };
}

it("trains to the same bits by any number of threads, one model after the other", async () => {
  const expected = await train(await createCpuEngine());
  expect(expected.losses[5]).toBeLessThan(expected.losses[0] ?? 0);
  for (const count of [2, 3, 7]) {
    const { engine, ended } = await threaded(count);
    expect(engine.device).toBe(`CPU, WebAssembly SIMD, ${count} threads`);
    expect(await train(engine)).toEqual(expected);
    expect(await train(engine)).toEqual(expected);
    expect(ended).toEqual([]);
    engine.dispose();
    await expect.poll(() => ended.length).toBe(count - 1);
  }
});

it("keeps two models on the same threads apart", async () => {
  const expected = await train(await createCpuEngine());
  const { engine } = await threaded(2);
  expect(await Promise.all([train(engine), train(engine)])).toEqual([expected, expected]);
  engine.dispose();
});

it("refuses to train once its threads have ended", async () => {
  const { engine } = await threaded(3);
  const { network } = networks.unet2d("XS", classes);
  const input = [2, 16, 16, 1];
  const weights = initialWeights(describeNetwork(network, input), seededRandom(1));
  const model = await engine.createModel({ network, input, classes, loss, optimiser }, weights);
  engine.dispose();
  const batch = { images: new Float32Array(512), classes: new Uint8Array(512) };
  await expect(model.step(batch, 1e-3)).rejects.toMatchObject({
    code: "device",
    message: "a thread of the CPU path has ended; start the trial again",
  });
});

it("has one thread and says why where more do not start", async () => {
  const spawn = () => nodeThread(pathToFileURL(join(folder, "missing.js")));
  const engine = await createCpuEngine({ count: 2, spawn });
  expect(engine.device).toMatch(
    /^CPU, WebAssembly SIMD, 1 thread \(more did not start: Cannot find module/,
  );
  expect((await train(engine)).losses).toHaveLength(7);
});
