import { UMAP } from "umap-js";
import { PlannerError } from "#core/errors.ts";
import { seededRandom } from "#core/random.ts";
import { joinedFeatures } from "#core/selection/features.ts";
import { principalAxes, projected } from "#core/selection/principalAxes.ts";
import { type KnownVolume, type Selected, selectSlices } from "#core/selection/selectSlices.ts";
import { sliceDescriptors } from "#core/selection/sliceDescriptor.ts";
import { targetSlices } from "#core/selection/targetSlices.ts";
import type { Handlers, JobContext } from "./host.ts";
import { PreparedCases } from "./preparedCases.ts";
import type { JobName, SliceSource } from "./protocol.ts";
import type { VoxelStore } from "./voxelStore.ts";

/** Above this many slices a map by neighbours takes minutes. */
const MOST_MAPPED = 20_000;
const FEWEST_MAPPED = 5;

/** Which slices strategies pick, and what lies near what, before anything is trained. */
export function selectionJobs(openStore: () => Promise<VoxelStore>): Handlers {
  const known = new KnownVolumes(openStore);
  return {
    compareSelections: async ({ source, rules, seed }, context) => {
      const total = source.caseIds.length + rules.length;
      const volumes = await known.of(source, context, (done) => context.report({ done, total }));
      const selected: Selected[] = [];
      for (const rule of rules) {
        await context.gate();
        context.signal.throwIfAborted();
        selected.push(selectSlices(volumes, rule, seededRandom(seed)));
        context.report({ done: source.caseIds.length + selected.length, total });
      }
      const slices = volumes.map(({ id, depth, spacingMm, hasTarget }) => ({
        id,
        depth,
        spacingMm,
        hasTarget,
      }));
      return { output: { volumes: slices, selected } };
    },

    mapSlices: async ({ source, method, seed }, context) => {
      const volumes = await known.of(source, context, () => undefined);
      const features = joinedFeatures(volumes.map((one) => one.features));
      const places =
        method === "umap"
          ? await neighbourMap(features, seed, context)
          : padded(projected(features, principalAxes(features, 2)), features.count);
      return { output: { places }, transfer: [places.buffer] };
    },
  };
}

/** Two coordinates a row, also where all rows lie on one line. */
function padded(places: Float32Array<ArrayBuffer>, rows: number): Float32Array<ArrayBuffer> {
  if (places.length === 2 * rows) return places;
  const width = rows === 0 ? 0 : places.length / rows;
  const result = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) result[2 * row] = width > 0 ? (places[row] ?? 0) : 0;
  return result;
}

/**
 * Places that keep neighbours together (UMAP).
 *
 * Source: McInnes, Healy and Melville 2018, arXiv:1802.03426; by umap-js.
 */
async function neighbourMap(
  { count, length, values }: KnownVolume["features"],
  seed: number,
  { gate, signal, report }: JobContext<"mapSlices">,
): Promise<Float32Array<ArrayBuffer>> {
  if (count < FEWEST_MAPPED || count > MOST_MAPPED) {
    throw new PlannerError(
      "argument",
      `slices must be from ${FEWEST_MAPPED} to ${MOST_MAPPED} for a map by neighbours, got ${count}; ` +
        "the map by principal axes takes any number",
    );
  }
  const random = seededRandom(seed).fork("map");
  const umap = new UMAP({
    nNeighbors: Math.min(15, count - 1),
    random: () => random.uniform(),
  });
  const rows = Array.from({ length: count }, (_, row) => [
    ...values.subarray(row * length, (row + 1) * length),
  ]);
  const epochs = umap.initializeFit(rows);
  for (let epoch = 0; epoch < epochs; epoch++) {
    await gate();
    signal.throwIfAborted();
    umap.step();
    report({ done: epoch + 1, total: epochs });
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** Volumes of one cohort and target with features of their slices, kept for the next question. */
class KnownVolumes {
  readonly #openStore: () => Promise<VoxelStore>;
  #key = "";
  #kept = new Map<string, KnownVolume>();

  constructor(openStore: () => Promise<VoxelStore>) {
    this.#openStore = openStore;
  }

  /** @throws PlannerError "storage" when the cohort is no longer stored */
  async of<J extends JobName>(
    { cohortId, caseIds, labels }: SliceSource,
    { gate, signal }: JobContext<J>,
    read: (done: number) => void,
  ): Promise<KnownVolume[]> {
    const store = await this.#openStore();
    const cohort = await store.getCohort(cohortId);
    if (!cohort) {
      throw new PlannerError(
        "storage",
        "the cohort's volumes are no longer stored in this browser; open its files again",
      );
    }
    const key = JSON.stringify([cohortId, labels, cohort.cases.map((one) => one.fingerprint)]);
    if (key !== this.#key) this.#kept = new Map();
    this.#key = key;
    // Nothing is kept of the voxels: features are a thousandth of them.
    const cases = new PreparedCases(store, cohort, [labels], 0);
    const volumes: KnownVolume[] = [];
    for (const id of caseIds) {
      await gate();
      signal.throwIfAborted();
      const volume = this.#kept.get(id) ?? (await knownVolume(cases, id));
      this.#kept.set(id, volume);
      volumes.push(volume);
      read(volumes.length);
    }
    return volumes;
  }
}

async function knownVolume(cases: PreparedCases, id: string): Promise<KnownVolume> {
  const { image, mask } = await cases.caseOf(id);
  return {
    id,
    depth: image.shape[0],
    spacingMm: image.spacing[0],
    features: sliceDescriptors(image),
    hasTarget: targetSlices(mask),
  };
}
