import { resolve } from "node:path";
import { type CaseSummary, isUsable } from "#core/cohort/cohort.ts";
import type { StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import {
  type FeatureName,
  isJoint,
  type ScopeName,
  type StrategyName,
  strategyLabels,
  strategySight,
} from "#core/experiment/methods.ts";
import { chooseVolumes } from "#core/experiment/split.ts";
import { seededRandom } from "#core/random.ts";
import type { SelectionDiagnostics } from "#core/selection/diagnostics.ts";
import { type KnownVolume, type Selected, selectSlices } from "#core/selection/selectSlices.ts";
import { sliceDescriptors } from "#core/selection/sliceDescriptor.ts";
import { targetSlices } from "#core/selection/targetSlices.ts";
import { type CohortFolder, openCohortFolder } from "./cohortFolder.ts";
import type { Streams } from "./command.ts";
import { textTable } from "./textTable.ts";

export interface SelectOptions {
  readonly cohort: string;
  readonly strategy: StrategyName;
  readonly density: number;
  readonly volumeFraction: number;
  readonly seed: number;
  readonly scope: ScopeName;
  readonly fewest: number;
  /** null: no limit */
  readonly most: number | null;
  readonly features: FeatureName;
  /** Labels of the target; null: all labels. */
  readonly target: readonly number[] | null;
  /** File of cohort settings. */
  readonly settings?: string | undefined;
  readonly json?: boolean;
}

/**
 * Picks the slices of a folder's volumes that a strategy would have annotated, and says how
 * good the choice is. Masks are not needed, unless the strategy knows the target.
 *
 * @returns true
 * @throws PlannerError when nothing can be picked
 */
export async function select(
  options: SelectOptions,
  { out, log }: Pick<Streams, "out" | "log">,
  signal: StopSignal,
): Promise<boolean> {
  const folder = await openCohortFolder(resolve(options.cohort), {
    signal,
    settings: options.settings,
  });
  const readable = readableCases(folder, options, (text) => log.write(`look: ${text}\n`));
  const random = seededRandom(options.seed);
  const chosen = chooseVolumes(readable, options.volumeFraction, random.fork("volumes"));
  const volumes: KnownVolume[] = [];
  for (const one of chosen) {
    signal.throwIfAborted();
    volumes.push(await knownVolume(folder, one, options.target));
  }
  const { strategy, density, scope, fewest, most } = options;
  const rule = { strategy, density, scope, quota: { fewest, most } };
  const selected = selectSlices(volumes, rule, random);
  // In the folder's order, whatever the order in which chance took the volumes.
  const order = readable.flatMap(({ id }) => {
    const at = volumes.findIndex((one) => one.id === id);
    return at < 0 ? [] : [at];
  });
  if (options.json) out.write(`${JSON.stringify(asJson(selected, volumes, order, options))}\n`);
  else out.write(asText(selected, volumes, order, options));
  return true;
}

/** Cases the strategy can work on: an image that was read, and a mask where it needs one. */
function readableCases(
  { cohort }: CohortFolder,
  { strategy }: SelectOptions,
  say: (text: string) => void,
): CaseSummary[] {
  const needsMask = strategySight[strategy] === "target";
  const kept: CaseSummary[] = [];
  for (const one of cohort.cases) {
    if (needsMask ? isUsable(one) : one.shape !== null) kept.push(one);
    else {
      const problem = one.problems.find(({ severity }) => severity === "error");
      say(`case ${one.id} is left out: ${problem?.message ?? "it has no mask"}`);
    }
  }
  if (kept.length > 0) return kept;
  const what = needsMask ? "an image with a mask" : "an image";
  throw new PlannerError("cohort", `the folder must hold ${what} that can be read, got none`);
}

async function knownVolume(
  folder: CohortFolder,
  { id, labels }: CaseSummary,
  target: readonly number[] | null,
): Promise<KnownVolume> {
  const { image, mask } = await folder.preparedOf(id, [target ?? labels.map(({ label }) => label)]);
  return {
    id,
    depth: image.shape[0],
    spacingMm: image.spacing[0],
    features: sliceDescriptors(image),
    hasTarget: mask && targetSlices(mask),
  };
}

function asJson(
  { picks, all, each }: Selected,
  volumes: readonly KnownVolume[],
  order: readonly number[],
  { strategy, seed, scope, features }: SelectOptions,
) {
  const named = order.map((at) => ({
    volume: volumes[at] as KnownVolume,
    slices: picks[at] ?? [],
    found: each[at] as SelectionDiagnostics,
  }));
  return {
    strategy,
    seed,
    cases: named.map(({ volume: { id, spacingMm }, slices }) => ({
      case: id,
      slices,
      positions: slices.map((z) => millimetres(z * spacingMm)),
    })),
    diagnostics: {
      features: strategySight[strategy] === "image" ? features : null,
      scope: isJoint(strategy, scope) ? "cohort" : "volume",
      ...all,
      cases: named.map(({ volume: { id }, found }) => ({ case: id, ...found })),
    },
  };
}

/** To a thousandth: floats of the header carry noise beyond it. */
function millimetres(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function asText(
  { picks, all, each }: Selected,
  volumes: readonly KnownVolume[],
  order: readonly number[],
  { strategy, seed }: SelectOptions,
): string {
  const heads = ["case", "slices", "largest gap, mm", "coverage", "with target", "picked"];
  const row = (name: string, found: SelectionDiagnostics, depth: number, list: string) => [
    name,
    `${found.slices} of ${depth}`,
    shown(found.largestGapMm, 1),
    shown(found.meanCoverage, 3),
    found.foregroundShare === null ? "-" : `${Math.round(100 * found.foregroundShare)} %`,
    list,
  ];
  const rows = order.map((at) => {
    const { id, depth } = volumes[at] as KnownVolume;
    return row(id, each[at] as SelectionDiagnostics, depth, (picks[at] ?? []).join(" "));
  });
  const depth = volumes.reduce((sum, one) => sum + one.depth, 0);
  const last = row("all", all, depth, `in ${all.volumes} of ${volumes.length} volumes`);
  return (
    `${strategyLabels[strategy]}, seed ${seed}\n${textTable(heads, [...rows, last])}\n` +
    "coverage: mean feature distance of slices to the nearest picked one\n"
  );
}

function shown(value: number | null, digits: number): string {
  return value === null ? "-" : value.toFixed(digits);
}
