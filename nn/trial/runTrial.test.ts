import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { neverStopped, openGate } from "#core/context.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import { strategyLabels, strategySight } from "#core/experiment/methods.ts";
import { chooseVolumes, type Split, splitCohort } from "#core/experiment/split.ts";
import { expandExperiment, type Trial } from "#core/experiment/trial.ts";
import { seededRandom } from "#core/random.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import { parseResult } from "#core/results/result.ts";
import { namesOf } from "#core/schema.ts";
import { sliceDescriptors } from "#core/selection/sliceDescriptor.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import type { Case } from "#core/volume/volume.ts";
import { morphologicalFiles } from "../../testing/morphologicalFiles.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { startEngine } from "../devices/startEngine.ts";
import type { Engine } from "../engine.ts";
import { memoryEncoders } from "../interpolation/interpolationMeans.ts";
import { annotateVolumes, seenOf } from "./annotateVolumes.ts";
import { calibrate } from "./calibrate.ts";
import { runTrial, type TrialContext } from "./runTrial.ts";

const split: Split = {
  pool: ["p0", "p1", "p2", "p3"],
  validation: ["v0"],
  test: ["t0", "t1"],
};

function phantoms(): Map<string, Case> {
  const ids = [...split.pool, ...split.validation, ...split.test];
  return new Map(ids.map((id) => [id, phantomCase(id, [8, 14, 16], seededRandom(7).fork(id))]));
}

function trialOf(change: Record<string, unknown> = {}): Trial {
  const experiment = parseExperiment({
    densities: [0.25],
    volumeFractions: [0.5],
    strategies: ["fixedInterval"],
    repeats: 1,
    iterations: 12,
    batchSize: 4,
    learningRate: 0.003,
    ...change,
  });
  const [trial] = expandExperiment(experiment);
  if (!trial) throw new Error("no trial");
  return trial;
}

const chosenIn = ({ configuration, seed }: Trial): string[] =>
  chooseVolumes(split.pool, configuration.volumeFraction, seededRandom(seed).fork("volumes"));

describe("runTrial on the CPU path", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ backend: "cpu", wasm: wasmFiles });
  });
  afterEach(() => vi.restoreAllMocks());

  const contextOf = (cases = phantoms(), more: Partial<TrialContext> = {}): TrialContext => ({
    engine,
    split,
    target: { names: ["ball"], scored: [1] },
    cohort: "phantoms",
    interpolation: { morphological: morphologicalFiles, encoders: memoryEncoders() },
    experiment: "test",
    cases: {
      shapeOf: (id) => caseOf(cases, id).image.shape,
      caseOf: async (id) => caseOf(cases, id),
    },
    signal: neverStopped,
    gate: openGate,
    report: () => undefined,
    ...more,
  });

  it("learns to segment the phantoms, and says so in a result that can be stored", async () => {
    const phases: TrialProgress[] = [];
    const trial = trialOf({ iterations: 60, densities: [0.5], volumeFractions: [1] });
    const result = await runTrial(
      trial,
      contextOf(phantoms(), { report: (progress) => phases.push(progress) }),
    );
    expect(parseResult(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(result).toMatchObject({
      trial: trial.id,
      status: "done",
      error: null,
      volumes: 4,
      annotatedSlices: 16,
      backend: "cpu",
    });
    expect(result.iou?.mean).toBeGreaterThan(0.6);
    expect(result.iou?.perCase.map((one) => one.case)).toEqual(split.test);
    const trained = phases.filter(({ phase }) => phase === "train");
    expect(trained.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(phases.at(-1)).toEqual({ phase: "evaluate", step: 2, steps: 2 });
    const losses = trained.flatMap((one) => (one.phase === "train" ? [one.loss] : []));
    const lastTenth = losses.slice(-6).reduce((sum, loss) => sum + loss, 0) / 6;
    expect(result.finalLoss).toBeCloseTo(lastTenth, 10);
  });

  it("gives the same numbers again", async () => {
    const [first, second] = [
      await runTrial(trialOf(), contextOf()),
      await runTrial(trialOf(), contextOf()),
    ];
    expect(second.iou?.pooled).toBeCloseTo(first.iou?.pooled ?? Number.NaN, 6);
    expect(second.finalLoss).toBeCloseTo(first.finalLoss ?? Number.NaN, 6);
    const other = await runTrial(trialOf({ seed: 2 }), contextOf());
    expect(other.finalLoss).not.toBeCloseTo(first.finalLoss ?? Number.NaN, 6);
  });

  it.each([
    { strategies: ["fixedInterval"] },
    { strategies: ["coreset"] },
    { strategies: ["unsupervised"], selection: { scope: "cohort" } },
  ])("learns nothing from masks nobody selected, nor from validation cases: %j", async (change) => {
    const clean = phantoms();
    const trial = trialOf(change);
    const examples = await annotateVolumes(chosenIn(trial), trial, {
      ...contextOf(),
      random: seededRandom(trial.seed),
      caseOf: async (id) => caseOf(clean, id),
      featuresOf: async (image) => sliceDescriptors(image),
    });
    const selected = new Map(examples.map(({ id, annotated }) => [id, annotated]));
    const expected = await runTrial(trial, contextOf(clean));
    expect(expected.annotatedSlices).toBe(4);
    expect(expected.volumes).toBe(selected.size);

    const poisoned = phantoms();
    const chosen = chosenIn(trial);
    for (const id of split.pool) {
      poison(caseOf(poisoned, id), selected.get(id) ?? (chosen.includes(id) ? [] : undefined));
    }
    // Validation images are looked at once training is over, to see whether it collapsed.
    for (const id of split.validation) {
      const { image, mask } = caseOf(poisoned, id);
      image.voxels.fill(9);
      mask.classes.fill(1);
    }
    const got = await runTrial(trial, contextOf(poisoned));
    expect({ iou: got.iou, loss: got.finalLoss }).toEqual({
      iou: expected.iou,
      loss: expected.finalLoss,
    });

    const id = [...selected.keys()][0] ?? "";
    const one = caseOf(clean, id);
    const at = (selected.get(id)?.[0] ?? 0) * one.mask.shape[1] * one.mask.shape[2];
    one.mask.classes.fill(1, at, at + 100);
    const changed = await runTrial(trial, contextOf(clean));
    expect(changed.finalLoss).not.toBe(expected.finalLoss);
  });

  it.each(namesOf(strategyLabels))("shows %s the target only where it is said to", async (name) => {
    const picksFrom = async (cases: Map<string, Case>) => {
      const trial = trialOf({ strategies: [name], densities: [0.5] });
      const examples = await annotateVolumes(["p0", "p1"], trial, {
        ...contextOf(),
        random: seededRandom(4),
        caseOf: async (id) => caseOf(cases, id),
        featuresOf: async (image) => sliceDescriptors(image),
      });
      return examples.map(({ annotated }) => annotated);
    };
    const moved = phantoms();
    for (const { mask } of moved.values()) mask.classes.fill(0).fill(1, mask.classes.length / 2);
    const isSame =
      JSON.stringify(await picksFrom(moved)) === JSON.stringify(await picksFrom(phantoms()));
    expect(isSame).toBe(strategySight[name] !== "target");
    const seen = await seenOf(caseOf(moved, "p0"), name, async (image) => sliceDescriptors(image));
    expect(seen.hasTarget === null).toBe(strategySight[name] !== "target");
  });

  it("says in its result what slices were compared by", async () => {
    const recorded = async (change: object) =>
      (await runTrial(trialOf({ iterations: 1, ...change }), contextOf())).selection;
    expect(await recorded({})).toEqual({ features: null, scope: "volume" });
    expect(await recorded({ strategies: ["coreset"] })).toEqual({
      features: "descriptor",
      scope: "volume",
    });
    const selection = { scope: "cohort" };
    expect(await recorded({ strategies: ["coreset"], selection })).toMatchObject({
      scope: "cohort",
    });
    expect(await recorded({ selection })).toEqual({ features: null, scope: "volume" });
  });

  it("scores every configuration on the same cases, whatever the grid", async () => {
    const ids = [...phantoms().keys()];
    const grids = [
      { densities: [0.5] },
      { volumeFractions: [1] },
      { strategies: ["uniformRandom"], interpolators: ["nearest"] },
      { seed: 5, repeats: 2, densities: [0.25, 0.75] },
    ];
    const tested = new Set<string>();
    for (const grid of grids) {
      const wanted = { densities: [0.25], volumeFractions: [0.5], strategies: ["fixedInterval"] };
      const common = { iterations: 1, batchSize: 4, split: { test: 0.3, validation: 0, seed: 3 } };
      const experiment = parseExperiment({ repeats: 1, ...wanted, ...common, ...grid });
      const split = splitCohort(
        ids.map((id) => ({ id, patient: id })),
        experiment.split,
      );
      for (const trial of expandExperiment(experiment)) {
        const { error, iou } = await runTrial(trial, contextOf(phantoms(), { split }));
        expect(error).toBeNull();
        tested.add(JSON.stringify(iou?.perCase.map((one) => one.case)));
      }
    }
    expect(tested.size).toBe(1);
    expect(JSON.parse([...tested][0] ?? "[]")).toHaveLength(2);
  });

  it("reads only the cases it needs, one test case at a time", async () => {
    const asked: string[] = [];
    const cases = phantoms();
    const context = contextOf(cases);
    await runTrial(trialOf({ iterations: 1 }), {
      ...context,
      cases: {
        ...context.cases,
        caseOf: async (id) => {
          asked.push(id);
          return caseOf(cases, id);
        },
      },
    });
    expect(asked).toHaveLength(5);
    expect(asked.slice(2)).toEqual([...split.test, ...split.validation]);
  });

  it.each([
    {
      what: "a loss that is not finite",
      change: { learningRate: 1, iterations: 30 },
      spoil: (cases: Map<string, Case>) => {
        for (const one of cases.values()) one.image.voxels.fill(Number.NaN);
      },
      error: "is not finite",
      annotatedSlices: 4,
    },
    {
      what: "a patch the network cannot take",
      change: { patch: [8, 8] },
      spoil: () => undefined,
      error: "must see more than one place per channel",
      annotatedSlices: 4,
    },
    {
      what: "a density that gives no slice",
      change: { densities: [0.01] },
      spoil: () => undefined,
      error: "density must give at least one slice",
      annotatedSlices: null,
    },
  ])("turns $what into a failed result", async ({ change, spoil, error, annotatedSlices }) => {
    const cases = phantoms();
    spoil(cases);
    const result = await runTrial(trialOf(change), contextOf(cases));
    expect(result).toMatchObject({ status: "failed", iou: null, finalLoss: null, annotatedSlices });
    expect(result.error).toContain(error);
    expect(() => parseResult(result)).not.toThrow();
  });

  it("rejects when it is stopped, in the middle of training", async () => {
    let steps = 0;
    const stop = new AbortController();
    const running = runTrial(
      trialOf(),
      contextOf(phantoms(), {
        signal: stop.signal,
        report: ({ phase, step }) => {
          if (phase !== "train") return;
          steps = step;
          if (step === 3) stop.abort();
        },
      }),
    );
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(steps).toBe(3);
  });

  // Group norm: so short a training leaves the running means of a batch norm far behind.
  it("trains a 3D network on patches of sparse slices", async () => {
    const trial = trialOf({
      networks: ["segResNet"],
      patch3d: [8, 16, 16],
      densities: [0.5],
      volumeFractions: [1],
      batchSize3d: 4,
      learningRate: 0.01,
      iterations: 80,
    });
    const result = await runTrial(trial, contextOf());
    expect(result).toMatchObject({
      trial: "segResNet-d0.5-v1-fixedInterval-none-r0",
      status: "done",
      annotatedSlices: 16,
      collapsed: false,
    });
    // Predicting foreground everywhere scores 0.06.
    expect(result.iou?.mean).toBeGreaterThan(0.25);
  });

  it.each(["unet2d", "unet3d"])(
    "takes no notice with %s of what nobody annotated",
    async (network) => {
      const trial = trialOf({ networks: [network], patch3d: [8, 16, 16], iterations: 3 });
      const expected = await runTrial(trial, contextOf());
      const poisoned = phantoms();
      for (const id of split.pool) {
        const { mask } = caseOf(poisoned, id);
        // Density 0.25 of 8 slices at a fixed interval: slices 2 and 6.
        const size = mask.shape[1] * mask.shape[2];
        for (const slice of [0, 1, 3, 4, 5, 7])
          mask.classes.fill(1, slice * size, (slice + 1) * size);
      }
      const got = await runTrial(trial, contextOf(poisoned));
      expect(got.finalLoss).toBe(expected.finalLoss);
      expect(got.iou).toEqual(expected.iou);
    },
  );

  it("trains on several classes and scores the one that is asked for", async () => {
    const cases = phantoms();
    for (const { mask } of cases.values()) {
      // The lower half of the ball becomes class 2.
      const half = 4 * mask.shape[1] * mask.shape[2];
      for (let i = half; i < mask.classes.length; i++)
        if (mask.classes[i] === 1) mask.classes[i] = 2;
    }
    const target = { names: ["upper", "lower"], scored: [2] };
    const trial = trialOf({ densities: [0.5], volumeFractions: [1], iterations: 60 });
    const { iou, status } = await runTrial(trial, contextOf(cases, { target }));
    expect(status).toBe("done");
    expect(iou?.classes?.map(({ name }) => name)).toEqual(["upper", "lower"]);
    expect(iou?.mean).toBeCloseTo(iou?.classes?.[1]?.mean ?? Number.NaN, 12);
    expect(iou?.perCase[0]?.classes).toHaveLength(2);
  });

  it("is marked as collapsed when it finds no foreground in any validation case", async () => {
    const cases = phantoms();
    for (const id of split.pool) caseOf(cases, id).mask.classes.fill(0);
    const trial = trialOf({
      recipe: { loss: { kind: "crossEntropy" } },
      learningRate: 0.02,
      iterations: 60,
    });
    const result = await runTrial(trial, contextOf(cases));
    expect(result).toMatchObject({ status: "done", collapsed: true, iou: { mean: 0 } });
    const alone = { split: { ...split, validation: [] } };
    expect((await runTrial(trial, contextOf(cases, alone))).collapsed).toBe(true);
  });

  it("is timed by a calibration", async () => {
    const { training } = trialOf();
    const what = { network: "unet2d", training, classes: 2, shape: [8, 14, 16] } as const;
    const speed = await calibrate(engine, what, { signal: neverStopped, gate: openGate });
    expect(speed.secondsPerStep).toBeGreaterThan(0);
    expect(speed.secondsPerSlice).toBeGreaterThan(0);
    expect(speed.secondsPerStart).toBeGreaterThanOrEqual(0);
  });
});

/** Spoils every mask that was not selected, and the image of a volume that was not chosen. */
function poison({ image, mask }: Case, selected: readonly number[] | undefined): void {
  const size = mask.shape[1] * mask.shape[2];
  for (let slice = 0; slice < mask.shape[0]; slice++) {
    if (selected?.includes(slice)) continue;
    mask.classes.fill(slice % 2, slice * size, (slice + 1) * size);
  }
  if (!selected) image.voxels.fill(Number.NaN);
}

function caseOf(cases: Map<string, Case>, id: string): Case {
  const found = cases.get(id);
  if (!found) throw new Error(`no case ${id}`);
  return found;
}
