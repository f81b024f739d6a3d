import { describe, expect, it } from "vitest";
import { PlannerError } from "#core/errors.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { expandExperiment } from "#core/experiment/trial.ts";
import { seededRandom } from "#core/random.ts";
import { parseResult } from "#core/results/result.ts";
import type { Case } from "#core/volume/volume.ts";
import { startEngine } from "#nn/devices/startEngine.ts";
import { localRunner } from "./localRunner.ts";
import { wasmFiles } from "./wasmFiles.ts";

/** A bright ball in noise, 6 slices of 16 x 16. */
function ball(index: number): Case {
  const shape = [6, 16, 16] as const;
  const random = seededRandom(index);
  const voxels = new Float32Array(6 * 16 * 16);
  const classes = new Uint8Array(voxels.length);
  for (let place = 0; place < voxels.length; place++) {
    const [y, x] = [Math.floor(place / 16) % 16, place % 16];
    const inside = (y - 5 - index) ** 2 + (x - 8) ** 2 < 16;
    classes[place] = inside ? 1 : 0;
    voxels[place] = (inside ? 1.5 : -0.5) + 0.3 * random.normal();
  }
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
  const id = `case${index}`;
  return {
    id,
    patient: id,
    image: { shape, spacing: [1, 1, 1], affine, voxels },
    mask: { shape, classes },
  };
}

const cases = [0, 1, 2, 3, 4].map(ball);
const caseOf = async (id: string) => cases.find((one) => one.id === id) as Case;
const split = { pool: ["case0", "case1", "case2"], validation: [], test: ["case3", "case4"] };
const target = { names: ["ball"], scored: [1] };
const trials = expandExperiment(
  parseExperiment({
    densities: [0.5],
    volumeFractions: [1],
    strategies: ["fixedInterval"],
    repeats: 1,
    iterations: 6,
    batchSize: 2,
  }),
);
const [trial] = trials;
if (!trial) throw new Error("no trial");

describe("localRunner", () => {
  it("turns a trial into a result that can be written and read", async () => {
    let starts = 0;
    const runner = localRunner({
      start: () => {
        starts++;
        return startEngine({ backend: "cpu", wasm: wasmFiles() });
      },
      cases: { shapeOf: () => [6, 16, 16], caseOf },
      split,
      target,
      cohort: "voxels",
      experiment: "print",
    });
    const { signal } = new AbortController();
    const phases = new Set<string>();
    const run = () => runner.run(trial, signal, ({ phase }) => phases.add(phase));
    const result = await run();
    expect(result).toMatchObject({
      trial: trial.id,
      status: "done",
      error: null,
      volumes: 3,
      annotatedSlices: 9,
      backend: "cpu",
    });
    expect(result.iou?.perCase.map((one) => one.case)).toEqual(split.test);
    expect(parseResult(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect([...phases]).toEqual(["prepare", "train", "evaluate"]);

    const again = await run();
    expect(again.iou?.mean).toBeCloseTo(result.iou?.mean ?? Number.NaN, 6);
    expect(starts).toBe(1);
    runner.dispose();
  });

  it("stops between two steps", async () => {
    const controller = new AbortController();
    const runner = localRunner({
      start: () => startEngine({ backend: "cpu", wasm: wasmFiles() }),
      cases: { shapeOf: () => [6, 16, 16], caseOf },
      split,
      target,
      cohort: "voxels",
      experiment: "print",
    });
    const running = runner.run(trial, controller.signal, ({ phase, step }) => {
      if (phase === "train" && step === 2) controller.abort(new Error("enough"));
    });
    await expect(running).rejects.toThrow("enough");
    runner.dispose();
  });

  it("ends the run when no engine starts, and starts one when asked again", async () => {
    let starts = 0;
    const runner = localRunner({
      start: async () => {
        starts++;
        if (starts === 1) throw new PlannerError("device", "the driver is gone; install it");
        return startEngine({ backend: "cpu", wasm: wasmFiles() });
      },
      cases: { shapeOf: () => [6, 16, 16], caseOf },
      split,
      target,
      cohort: "voxels",
      experiment: "print",
    });
    const { signal } = new AbortController();
    const run = () => runner.run(trial, signal, () => undefined);
    await expect(run()).rejects.toMatchObject({
      code: "device",
      message: "the driver is gone; install it",
    });
    expect(await run()).toMatchObject({ status: "done" });
    runner.dispose();
  });

  it("starts a fresh engine after a trial that failed", async () => {
    let starts = 0;
    const runner = localRunner({
      start: () => {
        starts++;
        return startEngine({ backend: "cpu", wasm: wasmFiles() });
      },
      cases: {
        shapeOf: () => [6, 16, 16],
        caseOf: async (id) => {
          if (starts === 1) throw new PlannerError("storage", "the disk is gone; plug it in");
          return caseOf(id);
        },
      },
      split,
      target,
      cohort: "voxels",
      experiment: "print",
    });
    const { signal } = new AbortController();
    const run = () => runner.run(trial, signal, () => undefined);
    expect(await run()).toMatchObject({
      status: "failed",
      error: "the disk is gone; plug it in",
      iou: null,
    });
    expect(await run()).toMatchObject({ status: "done" });
    expect(starts).toBe(2);
    runner.dispose();
  });
});
