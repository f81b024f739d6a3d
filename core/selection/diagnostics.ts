import { distanceBounds, squaredBound, squaredLimit } from "./distanceBounds.ts";
import {
  cosineSimilarity,
  distanceBetween,
  type Features,
  joinedFeatures,
  rowNorms,
} from "./features.ts";

/** The slices picked of one volume, and what is known of all its slices. */
export interface PickedVolume {
  readonly depth: number;
  /** Distance between neighbouring slices. */
  readonly spacingMm: number;
  /** A row per slice. */
  readonly features: Features;
  /** Per slice; null where there is no mask. */
  readonly hasTarget: readonly boolean[] | null;
  /** Depth indices, ascending; empty where nothing was picked. */
  readonly picks: readonly number[];
}

/** How good a selection is, before anything is trained. */
export interface SelectionDiagnostics {
  /** Volumes with a picked slice. */
  readonly volumes: number;
  /** Picked slices. */
  readonly slices: number;
  /** Feature distance of the slice that is farthest from every picked one. */
  readonly coverageRadius: number | null;
  /** Mean feature distance of slices to the nearest picked one. */
  readonly meanCoverage: number | null;
  /**
   * Mean over picked slices of the cosine similarity to the most similar other one; near 1:
   * people would annotate the same twice. null with fewer than two.
   */
  readonly redundancy: number | null;
  /** Longest way along an annotated volume without a picked slice, its ends included. */
  readonly largestGapMm: number | null;
  /** Mean distance of neighbouring picked slices; null where no volume has two. */
  readonly meanGapMm: number | null;
  /** Share of picked slices that show the target, where masks are known. */
  readonly foregroundShare: number | null;
}

/**
 * What a selection covers and where it leaves gaps: of one volume, or of many together, where
 * a slice may also be covered by a similar one of another volume.
 */
export function diagnose(volumes: readonly PickedVolume[]): SelectionDiagnostics {
  const features = joinedFeatures(volumes.map((one) => one.features));
  const rows = pickedRows(volumes);
  const coverage = coverageOf(features, rows);
  const gaps = volumes.filter(({ picks }) => picks.length > 0).map(gapsOf);
  const between = gaps.flatMap((one) => one.between);
  const largest = gaps.map((one) => one.largest);
  const shown = volumes.flatMap(({ hasTarget, picks }) =>
    hasTarget ? picks.map((z) => (hasTarget[z] ? 1 : 0)) : [],
  );
  return {
    volumes: gaps.length,
    slices: rows.length,
    coverageRadius: coverage ? coverage.reduce((most, one) => Math.max(most, one), 0) : null,
    meanCoverage: coverage ? meanOf(coverage) : null,
    redundancy: redundancyOf(features, rows),
    largestGapMm: largest.length > 0 ? largest.reduce((a, b) => Math.max(a, b)) : null,
    meanGapMm: between.length > 0 ? meanOf(between) : null,
    foregroundShare: shown.length > 0 ? meanOf(shown) : null,
  };
}

/** Distance of every row to the nearest picked one, [rows]; null when none is picked. */
export function coverageOf(features: Features, picks: readonly number[]): Float64Array | null {
  if (picks.length === 0) return null;
  const bounds = distanceBounds(features);
  const nearest = new Float64Array(features.count).fill(Number.POSITIVE_INFINITY);
  for (const pick of picks) {
    for (let row = 0; row < features.count; row++) {
      const known = nearest[row] as number;
      const limit = squaredLimit(bounds, known);
      if (squaredBound(bounds, pick, row, limit) > limit) continue;
      const distance = distanceBetween(features, noNorms, "euclidean", pick, row);
      if (distance < known) nearest[row] = distance;
    }
  }
  return nearest;
}

function pickedRows(volumes: readonly PickedVolume[]): number[] {
  const rows: number[] = [];
  let start = 0;
  for (const { picks, depth } of volumes) {
    for (const z of picks) rows.push(start + z);
    start += depth;
  }
  return rows;
}

function redundancyOf(features: Features, rows: readonly number[]): number | null {
  if (rows.length < 2) return null;
  const norms = rowNorms(features);
  const closest = new Float64Array(rows.length).fill(-1);
  for (let a = 0; a < rows.length; a++) {
    for (let b = a + 1; b < rows.length; b++) {
      const similarity = cosineSimilarity(features, norms, rows[a] as number, rows[b] as number);
      if (similarity > (closest[a] as number)) closest[a] = similarity;
      if (similarity > (closest[b] as number)) closest[b] = similarity;
    }
  }
  return meanOf(closest);
}

function gapsOf({ picks, depth, spacingMm }: PickedVolume) {
  const between = picks.slice(1).map((z, k) => (z - (picks[k] as number)) * spacingMm);
  const first = (picks[0] as number) * spacingMm;
  const last = (depth - 1 - (picks.at(-1) as number)) * spacingMm;
  return { between, largest: Math.max(first, last, ...between) };
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return sum / values.length;
}

const noNorms = new Float64Array();
