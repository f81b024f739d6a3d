import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type CaseSummary, type Cohort, isUsable } from "#core/cohort/cohort.ts";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import {
  type InterpolationQuality,
  interpolationQuality,
} from "#core/evaluation/interpolationQuality.ts";
import {
  type InterpolationReport,
  interpolationReport,
} from "#core/evaluation/interpolationReport.ts";
import { slicesPerVolume } from "#core/experiment/budget.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import type { InterpolatorName, StrategyName } from "#core/experiment/methods.ts";
import { defaultSelection } from "#core/experiment/selection.ts";
import {
  type InterpolationSettings,
  interpolationSchema,
  learnedOptionsOf,
} from "#core/interpolation/interpolationSettings.ts";
import { seededRandom } from "#core/random.ts";
import { parseAs } from "#core/schema.ts";
import { annotate, type Example } from "#core/selection/annotate.ts";
import { pickSlices } from "#core/selection/pickSlices.ts";
import { sliceDescriptors } from "#core/selection/sliceDescriptor.ts";
import type { Case } from "#core/volume/volume.ts";
import type { Engine } from "#nn/engine.ts";
import { memoryEncoders } from "#nn/interpolation/interpolationMeans.ts";
import { interpolatorFor } from "#nn/interpolation/interpolators.ts";
import { seenOf } from "#nn/trial/annotateVolumes.ts";
import type { CaseSource } from "#nn/trial/runTrial.ts";
import { openCohortFolder } from "./cohortFolder.ts";
import type { Streams } from "./command.ts";
import { chosenDevice } from "./deviceOption.ts";
import { morphologicalFiles } from "./morphologicalFiles.ts";
import { saveFilledMask } from "./saveFilledMask.ts";

export interface InterpolateOptions {
  readonly cohort: string;
  readonly method: InterpolatorName;
  readonly strategy: StrategyName;
  readonly density: readonly number[];
  readonly seed: number;
  readonly backend: DeviceChoice;
  readonly labels?: readonly number[];
  readonly merge?: true;
  readonly settings?: string;
  readonly save?: string;
}

/**
 * Annotates slices of every case of a folder as its masks say, fills the rest by one method,
 * and compares with the masks. Each label is a class of its own unless merged.
 *
 * @returns a report for each density, and what was left out, in words
 * @throws PlannerError "cohort" when there is nothing to fill, "experiment" for bad settings
 */
export async function interpolate(
  options: InterpolateOptions,
  { log }: Streams,
  signal: StopSignal,
): Promise<{
  readonly reports: readonly InterpolationReport[];
  readonly problems: readonly string[];
}> {
  const { method, strategy, seed } = options;
  const settings = await readSettings(options.settings);
  const folder = resolve(options.cohort);
  const { cohort, source } = await openCohortFolder(folder, { signal });
  const usable = cohort.cases.filter(isUsable);
  const labels = options.labels ?? labelsOf(usable);
  if (usable.length === 0 || labels.length === 0)
    throw new PlannerError(
      "cohort",
      `${folder} must hold a case with an image and a mask that is not empty, got none; ` +
        "see slicewise cohort",
    );
  const classes = options.merge ? [labels] : labels.map((label) => [label]);
  const cases = source(classes);
  const fill = await filler(options, settings, { cohort, usable, cases, log, signal });
  const problems: string[] = [];
  const reports: InterpolationReport[] = [];
  const ground: Ground = { options, classes, folder, cases, fill: fill.run };
  const found = new Map(options.density.map((density) => [density, new Map<string, Quality>()]));
  try {
    for (const summary of usable) {
      signal.throwIfAborted();
      for (const one of await fillCase(ground, summary)) {
        if (typeof one === "string") problems.push(one);
        else found.get(one.density)?.set(summary.id, one.quality);
      }
    }
  } finally {
    fill.dispose();
  }
  for (const [density, cases] of found) {
    if (cases.size === 0)
      throw new PlannerError("cohort", `no case can be filled: ${problems.at(-1)}`);
    reports.push(interpolationReport({ method, strategy, density, seed }, cases));
  }
  return { reports, problems };
}

type Quality = InterpolationQuality;

interface Ground {
  readonly options: InterpolateOptions;
  readonly classes: readonly (readonly number[])[];
  readonly folder: string;
  readonly cases: CaseSource;
  fill(examples: readonly Example[]): Promise<readonly Example[]>;
}

/** The quality of one case at every density, or why there is none, in words. */
async function fillCase(
  { options, classes, folder, cases, fill }: Ground,
  { id, imagePath }: CaseSummary,
): Promise<(string | { readonly density: number; readonly quality: Quality })[]> {
  const found: Awaited<ReturnType<typeof fillCase>> = [];
  const one = await cases.caseOf(id);
  const examples: Example[] = [];
  const densities: number[] = [];
  for (const density of options.density)
    try {
      examples.push(await annotated(one, density, options));
      densities.push(density);
    } catch (error) {
      if (!(error instanceof PlannerError)) throw error;
      found.push(`density ${density}, case ${id} is left out: ${messageOf(error)}`);
    }
  for (const [index, filled] of (await fill(examples)).entries()) {
    const density = densities[index] as number;
    if (options.save !== undefined) {
      const part = options.density.length > 1 ? [`${density}`] : [];
      const labels = classes.map((list) => list[0] ?? 0);
      await saveFilledMask(join(options.save, ...part), filled, labels, join(folder, imagePath));
    }
    const { known, annotated: slices } = filled;
    found.push({ density, quality: interpolationQuality(known, one.mask, slices, classes.length) });
  }
  return found;
}

async function annotated(
  one: Case,
  density: number,
  { strategy, seed }: InterpolateOptions,
): Promise<Example> {
  // Counted first: a density that gives no slice is refused whatever the strategy.
  slicesPerVolume(density, one.image.shape[0]);
  const seen = await seenOf(one, strategy, async (image) => sliceDescriptors(image));
  const rule = { strategy, density, scope: "volume", quota: defaultSelection.quota } as const;
  const [picks = []] = pickSlices([seen], rule, seededRandom(seed));
  return annotate(one, picks);
}

interface Surroundings {
  readonly cohort: Cohort;
  readonly usable: readonly CaseSummary[];
  readonly cases: CaseSource;
  readonly log: Streams["log"];
  readonly signal: StopSignal;
}

/** The interpolator with all it needs; an engine is started only for the learned one. */
async function filler(
  { method, backend, seed }: InterpolateOptions,
  settings: InterpolationSettings,
  { cohort, usable, cases, log, signal }: Surroundings,
) {
  const device = method === "learned" ? await chosenDevice(backend) : null;
  if (device) log.write(`device: ${device.reason}\n`);
  const engine = device ? await device.start() : noEngine;
  const interpolator = interpolatorFor(method, {
    engine,
    morphological: morphologicalFiles(),
    encoders: memoryEncoders(),
    pool: {
      ids: usable.map(({ id }) => id),
      fingerprint: cohort.id,
      shapeOf: (id) => cases.shapeOf(id),
      imageOf: async (id) => (await cases.caseOf(id)).image,
    },
    learned: learnedOptionsOf(settings),
    report: ({ step, steps, loss }) => {
      if (step % 100 === 0 || step === steps)
        log.write(`training ${step}/${steps}, loss ${loss.toFixed(3)}\n`);
    },
  });
  const context = {
    random: seededRandom(seed).fork("interpolation"),
    signal,
    gate: () => new Promise<void>((next) => setImmediate(next)),
  };
  return {
    run: (examples: readonly Example[]) => interpolator(examples, context),
    dispose: () => engine.dispose(),
  };
}

/** For methods that compute nothing on a device. */
const noEngine: Engine = {
  backend: "cpu",
  device: "none",
  createModel: () => Promise.reject(new PlannerError("device", "no engine was started")),
  planMemory: () => null,
  dispose: () => undefined,
};

function labelsOf(cases: readonly CaseSummary[]): number[] {
  const labels = new Set(cases.flatMap((one) => one.labels.map(({ label }) => label)));
  labels.delete(0);
  return [...labels].sort((a, b) => a - b);
}

async function readSettings(path: string | undefined): Promise<InterpolationSettings> {
  if (path === undefined) return parseAs(interpolationSchema, {}, "settings", "experiment");
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return parseAs(interpolationSchema, value, "settings", "experiment");
  } catch (error) {
    if (error instanceof PlannerError) throw error;
    throw new PlannerError("experiment", `${path} cannot be read as JSON (${messageOf(error)})`);
  }
}
