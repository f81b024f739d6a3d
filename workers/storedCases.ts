import type { CaseSummary, Cohort } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import { type Percentiles, percentilesOf } from "#core/view/windows.ts";
import { preprocessImage, preprocessLabels } from "#core/volume/preprocess.ts";
import { changesGrid, type Preprocessing } from "#core/volume/preprocessing.ts";
import type { StoredCase } from "./voxelFile.ts";
import type { VoxelStore } from "./voxelStore.ts";

/** A stored case with what drawing it needs. */
export interface ShownCase extends StoredCase {
  readonly summary: CaseSummary;
  readonly percentiles: Percentiles;
}

/** Voxels kept at most, bytes. */
const LIMIT = 2 ** 29;

/** Cases as they are stored; those used last are kept, so that the next slice is there at once. */
export class StoredCases {
  readonly #openStore: () => Promise<VoxelStore>;
  readonly #limit: number;
  /** Least recently used first. */
  readonly #kept = new Map<string, Promise<ShownCase>>();
  readonly #bytes = new Map<string, number>();
  #cohort: { readonly id: string; readonly cohort: Promise<Cohort | null> } | null = null;

  constructor(openStore: () => Promise<VoxelStore>, limit = LIMIT) {
    this.#openStore = openStore;
    this.#limit = limit;
  }

  /** @throws PlannerError "storage" when cohort or case are no longer stored */
  async get(cohortId: string, caseId: string): Promise<ShownCase> {
    const { summary, preprocessing } = await this.#summaryOf(cohortId, caseId);
    // Content decides: a cohort that was read again under the same id holds other voxels.
    const key = JSON.stringify([caseId, summary.fingerprint, summary.shape, preprocessing]);
    const known = this.#kept.get(key);
    if (known) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const reading = this.#read(summary, preprocessing);
    this.#kept.set(key, reading);
    try {
      const one = await reading;
      this.#bytes.set(key, one.image.voxels.byteLength + one.labels.byteLength);
      this.#forgetOldest(key);
      return one;
    } catch (error) {
      this.#kept.delete(key);
      throw error;
    }
  }

  /** On the grid that trials see, so that slices and predictions lie where they say. */
  async #read(summary: CaseSummary, preprocessing: Preprocessing): Promise<ShownCase> {
    const store = await this.#openStore();
    const asRead = await store.getCase(summary);
    const { image } = asRead;
    const rule = { ...preprocessing, intensity: { kind: "none" } } as const;
    const stored = changesGrid(preprocessing)
      ? {
          image: preprocessImage(image, rule),
          labels: preprocessLabels(asRead.labels, image, preprocessing),
        }
      : asRead;
    return { ...stored, summary, percentiles: percentilesOf(stored.image.voxels) };
  }

  #forgetOldest(newest: string): void {
    let bytes = [...this.#bytes.values()].reduce((sum, one) => sum + one, 0);
    for (const key of [...this.#kept.keys()]) {
      if (bytes <= this.#limit) return;
      if (key === newest) continue;
      bytes -= this.#bytes.get(key) ?? 0;
      this.#bytes.delete(key);
      this.#kept.delete(key);
    }
  }

  async #summaryOf(cohortId: string, caseId: string) {
    const cohort = await this.#cohortOf(cohortId);
    const summary = cohort?.cases.find(({ id }) => id === caseId);
    if (summary) return { summary, preprocessing: cohort?.settings?.preprocessing ?? {} };
    throw new PlannerError(
      "storage",
      cohort
        ? `case id must be one of the cohort's, got ${caseId}`
        : "the cohort's volumes are no longer stored in this browser; open its files again",
    );
  }

  async #cohortOf(id: string): Promise<Cohort | null> {
    if (this.#cohort?.id === id) {
      const known = await this.#cohort.cohort;
      if (known) return known;
    }
    const cohort = this.#openStore().then((store) => store.getCohort(id));
    this.#cohort = { id, cohort };
    return cohort;
  }
}
