import type { Random } from "../random.ts";
import { type Features, requirePicks } from "./features.ts";

/** A partition of rows into clusters; no cluster is empty. */
export interface Clusters {
  /** Cluster of each row, [count]. */
  readonly labels: Int32Array;
  /** [clusters, length] */
  readonly centres: Float64Array;
  /** Sum of squared distances to the centres. */
  readonly inertia: number;
}

const MAX_ROUNDS = 100;
/** Above this many rows the last few that still change place decide nothing. */
const MANY_ROWS = 8192;
const MANY_ROUNDS = 20;

/**
 * Lloyd's k-means with k-means++ starts; an emptied cluster takes the row farthest from
 * its centre. Above 8192 rows it ends after 20 rounds, or when at most one row in 1000 changes.
 *
 * Source: Lloyd 1982, doi:10.1109/TIT.1982.1056489; Arthur and Vassilvitskii 2007.
 */
export function kMeans(features: Features, clusters: number, random: Random): Clusters {
  requirePicks(clusters, features);
  const centres = startingCentres(features, clusters, random);
  const labels = new Int32Array(features.count).fill(-1);
  const distances = new Float64Array(features.count);
  const isLarge = features.count > MANY_ROWS;
  const settled = isLarge ? Math.floor(features.count / 1000) : 0;
  for (let round = 0; round < (isLarge ? MANY_ROUNDS : MAX_ROUNDS); round++) {
    const changed = assign(features, centres, labels, distances);
    refillEmpty(clusters, labels, distances);
    moveCentres(features, clusters, labels, centres);
    if (changed <= settled) break;
  }
  return { labels, centres, inertia: distances.reduce((sum, value) => sum + value, 0) };
}

/** Squared distance of a row to a centre; not finished once it is above `limit`. */
function squaredDistance(
  { length, values }: Features,
  row: number,
  centres: Float64Array,
  centre: number,
  limit = Number.POSITIVE_INFINITY,
): number {
  let sum = 0;
  let a = row * length;
  let b = centre * length;
  const end = a + length;
  while (a < end && sum <= limit) {
    const stop = Math.min(end, a + 16);
    for (; a < stop; a++, b++) {
      const difference = (values[a] as number) - (centres[b] as number);
      sum += difference * difference;
    }
  }
  return sum;
}

function startingCentres(features: Features, clusters: number, random: Random): Float64Array {
  const { count, length, values } = features;
  const centres = new Float64Array(clusters * length);
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let row = random.integer(count);
  for (let cluster = 0; cluster < clusters; cluster++) {
    centres.set(values.subarray(row * length, (row + 1) * length), cluster * length);
    let total = 0;
    for (let other = 0; other < count; other++) {
      const known = nearest[other] as number;
      const distance = squaredDistance(features, other, centres, cluster, known);
      nearest[other] = Math.min(known, distance);
      total += nearest[other] as number;
    }
    row = total > 0 ? weightedDraw(nearest, total * random.uniform()) : (row + 1) % count;
  }
  return centres;
}

/** First index at which the running sum of weights passes `target`. */
function weightedDraw(weights: Float64Array, target: number): number {
  let sum = 0;
  let last = 0;
  for (let index = 0; index < weights.length; index++) {
    if (weights[index] === 0) continue;
    sum += weights[index] as number;
    last = index;
    if (sum > target) return index;
  }
  return last;
}

function assign(
  features: Features,
  centres: Float64Array,
  labels: Int32Array,
  distances: Float64Array,
): number {
  const clusters = centres.length / features.length;
  let changed = 0;
  for (let row = 0; row < features.count; row++) {
    let best = 0;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const distance = squaredDistance(features, row, centres, cluster, bestDistance);
      if (distance < bestDistance) {
        best = cluster;
        bestDistance = distance;
      }
    }
    if (labels[row] !== best) changed++;
    labels[row] = best;
    distances[row] = bestDistance;
  }
  return changed;
}

function refillEmpty(clusters: number, labels: Int32Array, distances: Float64Array): void {
  const sizes = new Int32Array(clusters);
  for (const label of labels) sizes[label] = (sizes[label] as number) + 1;
  for (let cluster = 0; cluster < clusters; cluster++) {
    if ((sizes[cluster] as number) > 0) continue;
    let farthest = -1;
    for (let row = 0; row < labels.length; row++) {
      const shared = (sizes[labels[row] as number] as number) > 1;
      const farther = farthest < 0 || (distances[row] as number) > (distances[farthest] as number);
      if (shared && farther) farthest = row;
    }
    const former = labels[farthest] as number;
    sizes[former] = (sizes[former] as number) - 1;
    sizes[cluster] = 1;
    labels[farthest] = cluster;
    distances[farthest] = 0;
  }
}

function moveCentres(
  { count, length, values }: Features,
  clusters: number,
  labels: Int32Array,
  centres: Float64Array,
): void {
  const sizes = new Int32Array(clusters);
  centres.fill(0);
  for (let row = 0; row < count; row++) {
    const cluster = labels[row] as number;
    sizes[cluster] = (sizes[cluster] as number) + 1;
    for (let k = 0; k < length; k++) {
      const at = cluster * length + k;
      centres[at] = (centres[at] as number) + (values[row * length + k] as number);
    }
  }
  for (let at = 0; at < centres.length; at++) {
    centres[at] = (centres[at] as number) / (sizes[Math.floor(at / length)] as number);
  }
}
