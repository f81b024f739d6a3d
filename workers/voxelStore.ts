import { type CaseSummary, type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import { hashText } from "#core/hash.ts";
import { type FileArea, memoryArea, originArea } from "./fileArea.ts";
import { parseVoxelFile, type StoredCase, voxelFileParts } from "./voxelFile.ts";

/** Cohorts with the voxels of their usable cases. */
export interface VoxelStore {
  /** Keeps a case's voxels under its content; twice the same case is kept once. */
  putCase(summary: CaseSummary, voxels: StoredCase): Promise<void>;
  /** @throws PlannerError "storage" when they are gone or damaged */
  getCase(summary: CaseSummary): Promise<StoredCase>;
  /** After all its cases, so that a cohort that can be opened is complete. */
  putCohort(cohort: Cohort): Promise<void>;
  /** null when the cohort or voxels of a usable case are gone */
  getCohort(id: string): Promise<Cohort | null>;
  /** Of every stored cohort. */
  cohortIds(): Promise<string[]>;
  /** Frees everything that none of these cohorts needs. */
  keep(cohortIds: readonly string[]): Promise<void>;
}

const COHORT = ".cohort.json";
const CASE = ".voxels";

export function createVoxelStore(area: FileArea): VoxelStore {
  const getCohort = async (id: string): Promise<Cohort | null> => {
    const bytes = await area.read(`${id}${COHORT}`);
    if (!bytes) return null;
    const cohort = readCohort(bytes);
    if (!cohort) return null;
    const names = new Set(await area.list());
    return cohort.cases.filter(isUsable).every((one) => names.has(fileOf(one))) ? cohort : null;
  };
  return {
    putCase: async (summary, voxels) => {
      const name = fileOf(summary);
      if (await isIntact(area, name)) return;
      await area.write(name, voxelFileParts(voxels));
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
    cohortIds: async () =>
      (await area.list())
        .filter((name) => name.endsWith(COHORT))
        .map((name) => name.slice(0, -COHORT.length)),
    keep: async (cohortIds) => {
      const needed = new Set<string>();
      for (const id of cohortIds) {
        const cohort = await getCohort(id);
        if (!cohort) continue;
        needed.add(`${id}${COHORT}`);
        for (const one of cohort.cases.filter(isUsable)) needed.add(fileOf(one));
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

/** The same content has the same name, whatever folder it came from. */
function fileOf({ id, fingerprint, shape, spacing }: CaseSummary): string {
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
