import { join, resolve } from "node:path";
import { analyse } from "#core/analysis/analyse.ts";
import type { AnnotationPlan } from "#core/analysis/annotationPlan.ts";
import { planFor } from "#core/analysis/planFor.ts";
import type { BudgetUnit, Pool } from "#core/analysis/recommend.ts";
import type { SurfaceAnalysis } from "#core/analysis/surfaceAnalysis.ts";
import type { StopSignal } from "#core/context.ts";
import { mean } from "#core/evaluation/statistics.ts";
import { type StrategyName, strategyLabels, strategySight } from "#core/experiment/methods.ts";
import { type Random, seededRandom } from "#core/random.ts";
import { pickInVolume } from "#core/selection/pickSlices.ts";
import { sliceDescriptors } from "#core/selection/sliceDescriptor.ts";
import { normalize } from "#core/volume/normalize.ts";
import { canonicalVolume } from "#core/volume/orientation.ts";
import { allocateSlices } from "#core/worklist/allocateSlices.ts";
import { type PlannedVolume, type Worklist, worklistOf } from "#core/worklist/worklist.ts";
import type { TextStreams } from "./analyse.ts";
import { planText } from "./analysisText.ts";
import { type CostOptions, readCost } from "./costFile.ts";
import { type FolderImage, type ImageFolder, openImageFolder } from "./imageFolder.ts";
import { readResults } from "./readResults.ts";
import { type WorklistFormat, writeWorklist } from "./writeWorklist.ts";

export interface PlanOptions extends CostOptions {
  readonly cohort: string;
  readonly out: string;
  readonly budget: number;
  readonly unit: BudgetUnit;
  /** Output folder of a run. */
  readonly from?: string;
  readonly strategy: StrategyName;
  readonly seed: number;
  readonly target: string;
  readonly formats: readonly WorklistFormat[];
  readonly json?: boolean;
}

/**
 * Plans the annotation of a folder of images: how many slices of which volumes, and which.
 * Writes the worklist into `out` and a summary to the stream.
 *
 * @throws PlannerError when the input cannot be planned; nothing was written then
 */
export async function planCohort(
  options: PlanOptions,
  { out, log }: TextStreams,
  signal: StopSignal,
): Promise<void> {
  const cost = await readCost(options, (text) => log.write(`look: ${text}\n`));
  const surfaces = options.from === undefined ? [] : await surfacesIn(resolve(options.from));
  const folder = await openImageFolder(resolve(options.cohort), signal);
  for (const problem of folder.problems) log.write(`look: ${problem}\n`);
  const pool = poolOf(folder.images);
  const plan = planFor({ surfaces, pool, budget: options.budget, unit: options.unit, cost });
  const worklist = await selected(folder, plan, options, signal);
  const written = await writeWorklist(resolve(options.out), worklist, folder, {
    formats: options.formats,
    plan: { ...plan, strategy: options.strategy, seed: options.seed },
    say: (text) => log.write(`look: ${text}\n`),
    signal,
  });
  if (options.json) {
    out.write(
      `${JSON.stringify({ ...plan, strategy: options.strategy, seed: options.seed, worklist: listed(worklist) }, null, 2)}\n`,
    );
    return;
  }
  const label = strategyLabels[options.strategy];
  out.write(
    `${planText(plan)}\n\nSlices chosen by: ${label}, seed ${options.seed}\n` +
      `${written} files in ${join(options.out)}; start with worklist.csv\n`,
  );
}

async function surfacesIn(folder: string): Promise<readonly SurfaceAnalysis[]> {
  const { surfaces } = analyse(await readResults(folder));
  // Without a surface the reason must still be told.
  const reason = "no trial is finished";
  const none = { network: "unet2d", interpolator: "none", surface: null, reason } as const;
  return surfaces.length > 0 ? surfaces : [{ ...none, doubt: [], sizes: [] }];
}

function poolOf(images: readonly FolderImage[]): Pool {
  return {
    volumes: images.length,
    slices: mean(images.map(({ depth }) => depth)),
    spacingMm: mean(images.map(({ spacingMm }) => spacingMm)),
  };
}

/** Draws the volumes, divides the slices among them and lets the strategy pick. */
async function selected(
  folder: ImageFolder,
  plan: AnnotationPlan,
  { strategy, seed, target, cohort }: PlanOptions,
  signal: StopSignal,
): Promise<Worklist> {
  const random: Random = seededRandom(seed);
  const order = random.fork("volumes").permutation(folder.images.length);
  const kept = new Set(order.slice(0, plan.volumes));
  const images = folder.images.filter((_, index) => kept.has(index));
  const all = images.reduce((sum, { depth }) => sum + depth, 0);
  const total = Math.max(images.length, Math.min(all, plan.slices));
  const counts = allocateSlices(
    images.map(({ depth }) => depth),
    total,
  );
  const volumes: PlannedVolume[] = [];
  for (const [at, { id, path, grid, depth }] of images.entries()) {
    signal.throwIfAborted();
    const count = counts[at] as number;
    const canonical = canonicalVolume(await folder.volumeOf(images[at] as FolderImage));
    const image = { ...canonical, voxels: normalize(canonical.voxels).voxels };
    const features = strategySight[strategy] === "image" ? sliceDescriptors(image) : null;
    const depths = pickInVolume({ id, depth, features, hasTarget: null }, strategy, count, random);
    const reason = `${strategyLabels[strategy].toLowerCase()}, ${count} of ${depth} slices`;
    volumes.push({ id, path, grid, depths, reason });
  }
  return worklistOf(cohort.split(/[\\/]/).filter(Boolean).at(-1) ?? "plan", target, volumes);
}

/** The worklist as JSON tells it: places, no grids. */
function listed({ cases }: Worklist) {
  return cases.map(({ id, path, slices }) => ({ case: id, file: path, slices }));
}
