import type { CaseSummary, Cohort } from "#core/cohort/cohort.ts";
import { type PrepareRules, prepareCase } from "#core/cohort/prepareCase.ts";
import { PlannerError } from "#core/errors.ts";
import { voxelCount } from "#core/volume/grid.ts";
import type { Case } from "#core/volume/volume.ts";
import type { CaseSource } from "#nn/trial/runTrial.ts";
import type { VoxelStore } from "./voxelStore.ts";

/** Prepared cases kept at most, bytes: a voxel takes 4 for the image and 1 for the mask. */
const LIMIT = 2 ** 30;

/**
 * Cases of one cohort, prepared for one target and kept for the next trial, the least
 * recently used ones going first when memory would get short.
 */
export class PreparedCases implements CaseSource {
  readonly #store: VoxelStore;
  readonly #summaries: ReadonlyMap<string, CaseSummary>;
  readonly #classes: readonly (readonly number[])[];
  readonly #limit: number;
  readonly #rules: PrepareRules;
  /** Least recently used first. */
  readonly #kept = new Map<string, Case>();
  #bytes = 0;

  constructor(
    store: VoxelStore,
    cohort: Cohort,
    classes: readonly (readonly number[])[],
    limit = LIMIT,
  ) {
    this.#store = store;
    this.#summaries = new Map(cohort.cases.map((one) => [one.id, one]));
    this.#classes = classes;
    this.#limit = limit;
    const { settings, ignoreLabel } = cohort;
    this.#rules = { preprocessing: settings?.preprocessing, ignoreLabel };
  }

  shapeOf(id: string) {
    const { shape } = this.#summaryOf(id);
    if (shape) return shape;
    throw new PlannerError("argument", `case ${id} must have been read, got one that was not`);
  }

  async caseOf(id: string): Promise<Case> {
    const known = this.#kept.get(id);
    if (known) {
      this.#kept.delete(id);
      this.#kept.set(id, known);
      return known;
    }
    const summary = this.#summaryOf(id);
    const { image, labels } = await this.#store.getCase(summary);
    const { patient } = summary;
    const prepared = prepareCase(
      { id, patient, image, labels: { ...image, voxels: labels } },
      this.#classes,
      this.#rules,
    );
    this.#keep(prepared);
    return prepared;
  }

  #keep(one: Case): void {
    this.#kept.set(one.id, one);
    this.#bytes += bytesOf(one);
    for (const [id, oldest] of this.#kept) {
      if (this.#bytes <= this.#limit) break;
      this.#kept.delete(id);
      this.#bytes -= bytesOf(oldest);
    }
  }

  #summaryOf(id: string): CaseSummary {
    const summary = this.#summaries.get(id);
    if (summary) return summary;
    throw new PlannerError("argument", `case id must be one of the cohort's, got ${id}`);
  }
}

function bytesOf({ image }: Case): number {
  return 5 * voxelCount(image.shape);
}
