import { describe, expect, it } from "vitest";
import { PlannerError } from "#core/errors.ts";
import type { Backend, DeviceOption } from "#core/experiment/device.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, Model } from "../engine.ts";
import type { Network } from "../ops.ts";
import { createWebgpuEngine } from "../webgpu/webgpuEngine.ts";
import { checkEngine } from "./checkEngine.ts";
import { checkSpecs } from "./checkedNetwork.ts";
import { checksInMemory } from "./engineChecks.ts";
import { startBestEngine } from "./startBestEngine.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

/** Every op of the vocabulary, by what reads a network's shapes. */
function opsUsedBy(network: Network, input: readonly number[]): { used: string[]; all: string[] } {
  const used = new Set<string>();
  let all: string[] = [];
  describeNetwork((ops, image) => {
    all = Object.keys(ops);
    const watched = new Proxy(ops, {
      get: (target, name) => {
        used.add(String(name));
        return Reflect.get(target, name);
      },
    });
    return network(watched, image);
  }, input);
  return { used: [...used].sort(), all: all.sort() };
}

/** An engine one of whose answers is wrong. */
function harmed(sound: Engine, harm: (model: Model) => Partial<Model>): Engine {
  return {
    ...sound,
    createModel: async (spec, weights) => {
      const model = await sound.createModel(spec, weights);
      const own: Model = {
        stepsAhead: model.stepsAhead,
        bytes: model.bytes,
        step: (...all) => model.step(...all),
        stepTowards: (...all) => model.stepTowards(...all),
        predict: (...all) => model.predict(...all),
        readWeights: () => model.readWeights(),
        readState: () => model.readState(),
        writeState: (state) => model.writeState(state),
        dispose: () => model.dispose(),
      };
      return { ...own, ...harm(own) };
    },
  };
}

const wrongLogit = (model: Model): Partial<Model> => ({
  predict: async (images, shape) => {
    const logits = await model.predict(images, shape);
    logits[5] = (logits[5] ?? 0) + 0.1;
    return logits;
  },
});

describe("checkEngine", () => {
  it("trains a network of every op", () => {
    for (const { network, input } of checkSpecs()) {
      const { used, all } = opsUsedBy(network, input);
      // A list of places that a batch brings along: `tokenOps.test.ts` compares it.
      expect(used).toEqual(all.filter((name) => name !== "pick"));
    }
  });

  it("lets the CPU engine through, in 2D and 3D, and says what it compared", async () => {
    const engine = await createCpuEngine();
    const { passed, report, summary } = await checkEngine(engine);
    expect(report).toContain("engine check: passed");
    expect(report).toContain("ok    3D update of b.norm.scale");
    expect(report).toContain("ok    2D update of h.kernel");
    expect({ passed, summary }).toEqual({ passed: true, summary: "passed" });
    engine.dispose();
  });

  it.skipIf(!gpu)("lets the WebGPU engine through", async () => {
    const engine = await createWebgpuEngine(gpu as GPU);
    const { passed, report } = await checkEngine(engine);
    expect(report).not.toContain("WRONG");
    expect(passed).toBe(true);
    engine.dispose();
  });

  it.each<[string, (model: Model) => Partial<Model>, string]>([
    ["one logit", wrongLogit, "2D logits is off by"],
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
    [
      "everything",
      () => ({
        step: async () => {
          throw new PlannerError("device", "the shader did not compile");
        },
      }),
      "the shader did not compile",
    ],
  ])("does not let an engine through that gets %s wrong", async (_, harm, words) => {
    const sound = await createCpuEngine();
    const { passed, summary, report } = await checkEngine(harmed(sound, harm));
    expect(passed).toBe(false);
    expect(summary).toContain(words);
    expect(report).toContain("engine check: FAILED");
    expect(report).toContain(sound.device);
    sound.dispose();
  });
});

describe("startBestEngine", () => {
  const found: DeviceOption[] = [
    { backend: "webgpu", available: true, description: "a card", isSoftware: false },
    { backend: "cpu", available: true, description: "WebAssembly", isSoftware: false },
  ];
  /** A GPU that is the CPU engine under another name, wrong where told. */
  function machine(gpuIs: "sound" | "wrong" | "missing") {
    const started: string[] = [];
    const start = async (backend: Backend): Promise<Engine> => {
      started.push(backend);
      const engine = await createCpuEngine();
      if (backend === "cpu") return engine;
      if (gpuIs === "missing") throw new PlannerError("device", "the GPU did not start");
      const card = { ...engine, backend, device: "a card" };
      return gpuIs === "wrong" ? harmed(card, wrongLogit) : card;
    };
    return { started, start, options: found, known: checksInMemory() };
  }

  it("checks a device once", async () => {
    const all = machine("sound");
    const first = await startBestEngine({ ...all, choice: "auto" });
    expect(first.report.chosen).toBe("webgpu");
    expect(first.report.options[0]?.check).toMatchObject({ passed: true });
    const second = await startBestEngine({ ...all, choice: "auto" });
    expect(second.report.options[0]?.check).toBeUndefined();
  });

  it.each([
    ["wrong", "a card computes wrong numbers and must not train: 2D logits is off by"],
    ["missing", "a card: the GPU did not start"],
  ] as const)("takes the CPU path where the GPU is %s, and says so", async (gpuIs, words) => {
    const all = machine(gpuIs);
    const { engine, report } = await startBestEngine({ ...all, choice: "auto" });
    expect(all.started).toEqual(["webgpu", "cpu"]);
    expect(engine.backend).toBe("cpu");
    expect(report).toMatchObject({ chosen: "cpu", options: [{ available: false }, {}] });
    expect(report.reason).toContain(words);
    if (gpuIs === "wrong") expect(report.options[0]?.check?.report).toContain("WRONG 2D logits");
  });

  it("refuses a wrong GPU that was asked for by name", async () => {
    const asked = startBestEngine({ ...machine("wrong"), choice: "webgpu" });
    await expect(asked).rejects.toMatchObject({
      code: "device",
      message: expect.stringContaining("a card computes wrong numbers and must not train"),
    });
  });
});
