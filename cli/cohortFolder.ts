import { open, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { codecFrameDecoder } from "#codecs/codecFrameDecoder.ts";
import { assembleCohort } from "#core/cohort/assembleCohort.ts";
import { type CaseSummary, type Cohort, isUsable, type Pair } from "#core/cohort/cohort.ts";
import type { Folder } from "#core/cohort/folder.ts";
import { type CohortPlan, planCohort } from "#core/cohort/planCohort.ts";
import { type CaseVolumes, prepareCase } from "#core/cohort/prepareCase.ts";
import { preparedSummary } from "#core/cohort/preparedSummary.ts";
import type { CaseReading } from "#core/cohort/readCase.ts";
import { type CohortSettings, settingsOfText } from "#core/cohort/settings.ts";
import { unreadCase } from "#core/cohort/unreadCase.ts";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { Case, Mask } from "#core/volume/volume.ts";
import type { CaseSource } from "#nn/trial/runTrial.ts";
import { loadCodec } from "./codecFiles.ts";
import { listFolder } from "./listFolder.ts";

/** Bytes of voxels that are kept in memory; cases beyond are read again when needed. */
const KEPT_BYTES = 2 * 2 ** 30;

export interface CohortFolder {
  readonly cohort: Cohort;
  /** Where the names that stand for DICOM files lie; for people, not for files. */
  readonly places: ReadonlyMap<string, string>;
  /** Its usable cases, prepared for classes of these labels. */
  source(classes: readonly (readonly number[])[]): CaseSource;
  /** A case whose image could be read, prepared; its mask is null where it has none. */
  preparedOf(id: string, classes: readonly (readonly number[])[]): Promise<PreparedImage>;
}

export interface PreparedImage {
  readonly image: Case["image"];
  readonly mask: Mask | null;
}

export interface CohortFolderOptions {
  readonly signal: StopSignal;
  /** File of settings to use instead of the folder's own `cohort.json`. */
  readonly settings?: string | undefined;
  /** Told after each case. */
  readonly read?: (done: number, total: number) => void;
}

/**
 * Reads every case of a folder on disk. What cannot be read is a problem of its case, in
 * words; the rest goes on.
 *
 * @throws PlannerError "cohort" when the folder cannot be read or holds no case
 */
export async function openCohortFolder(
  folder: string,
  { signal, settings, read }: CohortFolderOptions,
): Promise<CohortFolder> {
  const chosen = settings === undefined ? null : await readSettingsFile(resolve(settings));
  const plan = await planOf(folder, signal, chosen);
  const { preprocessing } = plan.settings;
  const voxels = new KeptVoxels();
  const cases: CaseSummary[] = [];
  const { pairs } = plan.pairing;
  for (const pair of pairs) {
    signal.throwIfAborted();
    cases.push(await readOne(plan, pair, voxels));
    read?.(cases.length, pairs.length);
  }
  const cohort = assembleCohort(plan.name, plan.pairing, cases, plan.settings);
  const byId = new Map(pairs.map((pair) => [pair.id, pair]));
  const volumesOf = async (id: string): Promise<CaseVolumes> => {
    const kept = voxels.of(id);
    if (kept) return kept;
    const again = volumesIn(await plan.read(byId.get(id) as Pair));
    if (again) return again;
    throw new PlannerError("storage", `case ${id} can no longer be read; was its file changed?`);
  };
  const rules = { preprocessing, ignoreLabel: cohort.ignoreLabel };
  const preparedOf: CohortFolder["preparedOf"] = async (id, classes) => {
    const kept = voxels.of(id) ?? (await plan.read(byId.get(id) as Pair));
    if (!kept.image) {
      throw new PlannerError("storage", `case ${id} can no longer be read; was its file changed?`);
    }
    const none = { ...kept.image, voxels: new Uint8Array(kept.image.voxels.length) };
    const volumes = { id, patient: id, image: kept.image, labels: kept.labels ?? none };
    const { image, mask } = prepareCase(volumes, classes, rules);
    return { image, mask: kept.labels ? mask : null };
  };
  return {
    cohort,
    places: plan.places,
    source: (classes) =>
      sourceOf(cohort, async (id) => prepareCase(await volumesOf(id), classes, rules)),
    preparedOf,
  };
}

/** The settings of a file. */
async function readSettingsFile(path: string): Promise<CohortSettings> {
  try {
    return settingsOfText(await readFile(path, "utf8"));
  } catch (error) {
    throw new PlannerError("cohort", `${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function planOf(
  folder: string,
  signal: StopSignal,
  settings: CohortSettings | null,
): Promise<CohortPlan> {
  const context = {
    decoder: async () => codecFrameDecoder(loadCodec),
    signal,
    looked: () => undefined,
  };
  const files = await folderOf(folder);
  try {
    return await planCohort(files, basename(folder), settings, context);
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    const reasons = error.message.replaceAll("; ", "\n");
    throw new PlannerError(error.code, `${folder}: ${reasons}`, { cause: error });
  }
}

/** A folder on disk. */
export async function folderOf(folder: string): Promise<Folder> {
  const files = await listFolder(folder);
  return { files, read: (path, end) => bytesOf(join(folder, path), end) };
}

async function bytesOf(path: string, end?: number): Promise<Uint8Array> {
  try {
    if (end !== undefined) return await firstBytes(path, end);
    const { buffer, byteOffset, byteLength } = await readFile(path);
    // Without the ways of a Buffer, whose slices share memory.
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw new PlannerError("format", `the file cannot be read (${messageOf(error)})`, {
      cause: error,
    });
  }
}

async function firstBytes(path: string, end: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(end), 0, end, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readOne(plan: CohortPlan, pair: Pair, voxels: KeptVoxels): Promise<CaseSummary> {
  if (pair.excluded) return unreadCase(pair, []);
  const reading = await plan.read(pair);
  voxels.offer(reading);
  const { summary, image, labels } = reading;
  if (!image) return summary;
  return preparedSummary(summary, image, labels?.voxels ?? null, plan.settings.preprocessing);
}

function sourceOf(cohort: Cohort, caseOf: CaseSource["caseOf"]): CaseSource {
  const shapes = new Map(cohort.cases.filter(isUsable).map(({ id, shape }) => [id, shape]));
  return {
    shapeOf: (id) => {
      const shape = shapes.get(id);
      if (!shape) throw new PlannerError("cohort", `case ${id} cannot be used`);
      return shape;
    },
    caseOf,
  };
}

function volumesIn({ summary, image, labels }: CaseReading): CaseVolumes | null {
  if (!image || !labels) return null;
  return { id: summary.id, patient: summary.patient, image, labels };
}

/** Voxels that were read already, as long as they fit. */
class KeptVoxels {
  readonly #volumes = new Map<string, CaseVolumes>();
  #bytes = 0;

  offer(reading: CaseReading): void {
    const volumes = volumesIn(reading);
    if (!volumes) return;
    const bytes = volumes.image.voxels.byteLength + volumes.labels.voxels.byteLength;
    if (this.#bytes + bytes > KEPT_BYTES) return;
    this.#bytes += bytes;
    this.#volumes.set(volumes.id, volumes);
  }

  of(id: string): CaseVolumes | undefined {
    return this.#volumes.get(id);
  }
}
