import { type CaseSummary, type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import { hashText } from "#core/hash.ts";
import { type FileArea, memoryArea, originArea } from "./fileArea.ts";
import { parseVoxelFile, type StoredCase, voxelFileParts } from "./voxelFile.ts";

/** Cohorts with the voxels of their usable cases. */
export interface VoxelStore {
  /** Keeps a case's voxels under its content; twice the same case is kept once. */
  putCase(summary: CaseSummary, voxels: StoredCase): Promise<void>;
  /** Whether a case's voxels are there; they are not looked into. */
  hasCase(summary: CaseSummary): Promise<boolean>;
  /** @throws PlannerError "storage" when they are gone or damaged */
  getCase(summary: CaseSummary): Promise<StoredCase>;
  /** After all its cases, so that a cohort that can be opened is complete. */
  putCohort(cohort: Cohort): Promise<void>;
  /** null when the cohort or voxels of a usable case are gone */
  getCohort(id: string): Promise<Cohort | null>;
  /** Of every stored cohort. */
  cohortIds(): Promise<string[]>;
  /** Stored cases by the hash of the files they were read from. */
  casesBySource(): Promise<ReadonlyMap<string, CaseSummary>>;
  /** Frees everything that none of these cohorts needs. */
  keep(cohortIds: readonly string[]): Promise<void>;
  /**
   * Frees cohorts, but for what kept ones need of them and what was put or found since this
   * store was opened: a reading under way may count on it.
   */
  forget(gone: readonly Cohort[], keptIds: readonly string[]): Promise<void>;
  /** Of everything that is stored. */
  bytes(): Promise<number>;
  readonly inMemory: boolean;
}

const COHORT = ".cohort.json";
const CASE = ".voxels";

export function createVoxelStore(area: FileArea): VoxelStore {
  const touched = new Set<string>();
  const idsOfAll = async () =>
    (await area.list())
      .filter((name) => name.endsWith(COHORT))
      .map((name) => name.slice(0, -COHORT.length));
  const filesOf = (cohort: Cohort) => cohort.cases.filter(isStored).map(fileOf);
  const storedCohort = async (id: string): Promise<Cohort | null> => {
    const bytes = await area.read(`${id}${COHORT}`);
    return bytes && readCohort(bytes);
  };
  const getCohort = async (id: string): Promise<Cohort | null> => {
    const cohort = await storedCohort(id);
    if (!cohort) return null;
    const names = new Set(await area.list());
    return cohort.cases.filter(isUsable).every((one) => names.has(fileOf(one))) ? cohort : null;
  };
  return {
    putCase: async (summary, voxels) => {
      const name = fileOf(summary);
      touched.add(name);
      if (await isIntact(area, name)) return;
      await area.write(name, voxelFileParts(voxels));
    },
    hasCase: async (summary) => {
      touched.add(fileOf(summary));
      return area.has(fileOf(summary));
    },
    getCase: async (summary) => {
      const file = await area.read(fileOf(summary));
      if (file) return parseVoxelFile(file);
      throw new PlannerError(
        "storage",
        `the volumes of ${summary.id} are no longer stored in this browser; open the cohort's ` +
          "files again",
      );
    },
    putCohort: (cohort) =>
      area.write(`${cohort.id}${COHORT}`, [new TextEncoder().encode(JSON.stringify(cohort))]),
    getCohort,
    cohortIds: idsOfAll,
    casesBySource: async () => {
      const found = new Map<string, CaseSummary>();
      for (const id of await idsOfAll()) {
        const cohort = await storedCohort(id);
        for (const one of cohort?.cases.filter(isStored) ?? []) {
          if (one.source !== undefined) found.set(one.source, one);
        }
      }
      return found;
    },
    forget: async (gone, keptIds) => {
      const kept = await Promise.all(keptIds.map(storedCohort));
      const needed = new Set([...touched, ...kept.flatMap((one) => (one ? filesOf(one) : []))]);
      const removable = gone.flatMap(filesOf).filter((name) => !needed.has(name));
      for (const name of [...gone.map(({ id }) => `${id}${COHORT}`), ...removable]) {
        await area.remove(name);
      }
    },
    bytes: () => area.bytes(),
    inMemory: area.inMemory,
    keep: async (cohortIds) => {
      const needed = new Set<string>();
      for (const id of cohortIds) {
        const cohort = await getCohort(id);
        if (!cohort) continue;
        needed.add(`${id}${COHORT}`);
        for (const name of filesOf(cohort)) needed.add(name);
      }
      for (const name of await area.list()) if (!needed.has(name)) await area.remove(name);
    },
  };
}

/** The store of this browser; in memory, for as long as the worker lives, where it must be. */
export async function openVoxelStore(): Promise<VoxelStore> {
  try {
    return createVoxelStore(await originArea("voxels"));
  } catch {
    return createVoxelStore(memoryArea());
  }
}

/** Whether a case's voxels were stored; one that was left out later still counts. */
function isStored({ excluded: _, ...one }: CaseSummary): boolean {
  return isUsable(one) && one.fingerprint !== null;
}

/** The same content has the same name, whatever folder it came from. */
function fileOf({ id, fingerprint, ...one }: CaseSummary): string {
  // Preprocessing changes what trials see, not what is stored.
  const { shape, spacing } = one.asRead ?? one;
  if (fingerprint === null) {
    throw new PlannerError("argument", `case ${id} must have been read to have stored voxels`);
  }
  return `${hashText(JSON.stringify([fingerprint, shape, spacing]))}${CASE}`;
}

async function isIntact(area: FileArea, name: string): Promise<boolean> {
  const file = await area.read(name);
  if (!file) return false;
  try {
    parseVoxelFile(file);
    return true;
  } catch {
    return false;
  }
}

/** A stored cohort; null when its text is torn. */
function readCohort(bytes: Uint8Array): Cohort | null {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Cohort;
  } catch {
    return null;
  }
}
