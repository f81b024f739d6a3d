import { interpolatorLabels, networkLabels, strategyLabels } from "../experiment/methods.ts";
import type { TableRow } from "./configurationTable.ts";
import type { VolumeContrast } from "./contrasts.ts";
import type { DoublingEffects, Estimate } from "./doublingEffects.ts";
import type { InterpolationContrast } from "./interpolationComparison.ts";
import type { SlicesNeeded } from "./slicesNeeded.ts";
import type { StrategyComparison } from "./strategyComparison.ts";

/** "doubling volumes gained 0.031 [0.018, 0.044] more than doubling density" */
export function effectSentence(effects: DoublingEffects): string {
  const { network, interpolator, volumes, density, difference } = effects;
  const filled =
    interpolator === "none" ? "" : ` with ${interpolatorLabels[interpolator].toLowerCase()}`;
  const isMore = difference.value >= 0;
  const gap = isMore ? difference : turned(difference);
  const names = isMore ? ["volumes", "density"] : ["density", "volumes"];
  return (
    `${networkLabels[network]}${filled}: doubling volumes gained ${estimated(volumes)} IoU and doubling density ` +
    `${estimated(density)}; doubling ${names[0]} gained ${estimated(gap)} more than doubling ${names[1]}` +
    (gap.interval[0] > 0 ? "" : ", which may be chance")
  );
}

/** How many contrasts at equal budget speak for volumes, and how many are significant. */
export function contrastSentence(contrasts: readonly VolumeContrast[]): string {
  const forVolumes = contrasts.filter(({ difference }) => difference > 0);
  const isSure = ({ adjustedP }: VolumeContrast) => adjustedP < 0.05;
  const against = contrasts.filter((one) => one.difference < 0);
  return (
    `at equal budget, twice the volumes at half the density was better in ${forVolumes.length} of ` +
    `${contrasts.length} comparisons (${forVolumes.filter(isSure).length} significant) and worse in ` +
    `${against.length} (${against.filter(isSure).length} significant)`
  );
}

/** Whether strategies differ, and which pairs are shown to be equivalent. */
export function strategySentence(comparison: StrategyComparison, margin: number): string {
  const { friedman, pairs, blocks } = comparison;
  const overall = friedman
    ? `over ${blocks} configurations strategies ${friedman.p < 0.05 ? "differ" : "were not found to differ"} (Friedman p ${pText(friedman.p)}, W ${friedman.agreement.toFixed(2)})`
    : `over ${blocks} configurations`;
  const words = pairs.map(({ first, second, difference, adjustedP, equivalence }) => {
    const isEqual = equivalence !== null && equivalence.p < 0.05;
    const verdict = isEqual
      ? `equivalent within ${margin}`
      : adjustedP < 0.05
        ? "different"
        : "neither shown different nor equivalent";
    return `${strategyLabels[first]} less ${strategyLabels[second]} is ${signed(difference)}: ${verdict}`;
  });
  return [overall, ...words].join("; ");
}

/** Interpolation against none at one density. */
export function interpolationSentence(contrast: InterpolationContrast): string {
  const { network, interpolator, density, difference, interval, adjustedP } = contrast;
  const verdict =
    adjustedP < 0.05 ? (difference > 0 ? "helped" : "hurt") : "made no sure difference";
  return (
    `${networkLabels[network]}, density ${density}: ${interpolatorLabels[interpolator].toLowerCase()} ` +
    `${verdict}, ${signed(difference)} [${signed(interval[0])}, ${signed(interval[1])}] IoU`
  );
}

/** The row that lost most against the densest one. */
export function dropSentence(rows: readonly TableRow[]): string | null {
  const dropped = rows.filter(({ drop }) => drop !== null);
  const [first] = dropped;
  if (!first) return null;
  const least = dropped.reduce((best, row) => (row.slices < best.slices ? row : best), first);
  const { drop, slices } = least;
  if (!drop) return null;
  return (
    `the smallest annotation, ${Math.round(slices)} slices, scored ${drop.iou.toFixed(3)} ` +
    `[${drop.interval.map((end) => end.toFixed(3)).join(", ")}] below the densest one`
  );
}

/** "IoU 0.80 needs 420 [380, 510] slices" */
export function neededSentence({ iou, slices, interval, reason }: SlicesNeeded): string {
  if (slices === null) return `IoU ${iou}: ${reason}`;
  const end = (value: number | null) => (value === null ? "more than can be said" : `${value}`);
  return `IoU ${iou} needs ${slices} [${end(interval[0])}, ${end(interval[1])}] slices`;
}

function turned({ value, interval: [low, high] }: Estimate): Estimate {
  return { value: -value, interval: [-high, -low] };
}

function estimated({ value, interval: [low, high] }: Estimate): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(3)}`;
}

function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
