import { describe, expect, it } from "vitest";
import { openTestGpu } from "../../testing/gpu.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import type { Engine, Model } from "../engine.ts";
import { createWebgpuEngine } from "../webgpu/webgpuEngine.ts";
import { checkEngine } from "./checkEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

describe("checkEngine", () => {
  it("lets the CPU engine through, in 2D and 3D", async () => {
    const engine = await createCpuEngine();
    const parts = await checkEngine(engine);
    expect(parts.map(({ name }) => name)).toContain("3D update of b.norm.scale");
    engine.dispose();
  });

  it.skipIf(!gpu)("lets the WebGPU engine through", async () => {
    const engine = await createWebgpuEngine(gpu as GPU);
    expect((await checkEngine(engine)).length).toBeGreaterThan(20);
    engine.dispose();
  });

  it.each<[string, (model: Model) => Partial<Model>, string]>([
    [
      "one logit",
      (model) => ({
        predict: async (images, shape) => {
          const logits = await model.predict(images, shape);
          logits[5] = (logits[5] ?? 0) + 0.1;
          return logits;
        },
      }),
      "2D logits is off by",
    ],
    [
      "the loss",
      (model) => ({ step: async (...all) => 1.01 * (await model.step(...all)) }),
      "3D loss is off by",
    ],
    [
      "a filter gradient",
      (model) => ({
        readWeights: async () =>
          new Map(
            [...(await model.readWeights())].map(([n, w]) => [
              n,
              n === "c.kernel" ? w.map((v) => v + 0.01) : w,
            ]),
          ),
      }),
      "2D update of c.kernel is off by",
    ],
  ])("refuses an engine that gets %s wrong", async (_, harm, message) => {
    const sound = await createCpuEngine();
    const broken: Engine = {
      ...sound,
      createModel: async (spec, weights) => {
        const model = await sound.createModel(spec, weights);
        const own: Model = {
          stepsAhead: model.stepsAhead,
          step: (...all) => model.step(...all),
          predict: (...all) => model.predict(...all),
          stepTowards: (...all) => model.stepTowards(...all),
          readWeights: () => model.readWeights(),
          readState: () => model.readState(),
          writeState: (state) => model.writeState(state),
          dispose: () => model.dispose(),
        };
        return { ...own, ...harm(own) };
      },
    };
    await expect(checkEngine(broken)).rejects.toThrow(message);
    sound.dispose();
  });
});
