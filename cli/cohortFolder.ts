import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { assembleCohort } from "#core/cohort/assembleCohort.ts";
import { type CaseSummary, type Cohort, isUsable, type Pair } from "#core/cohort/cohort.ts";
import { cohortTextPaths, pairFiles } from "#core/cohort/pairFiles.ts";
import { type CaseVolumes, prepareCase } from "#core/cohort/prepareCase.ts";
import { type CaseReading, readCase } from "#core/cohort/readCase.ts";
import type { StopSignal } from "#core/context.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { CaseSource } from "#nn/trial/runTrial.ts";
import { listFolder } from "./listFolder.ts";

/** Bytes of voxels that are kept in memory; cases beyond are read again when needed. */
const KEPT_BYTES = 2 * 2 ** 30;

export interface CohortFolder {
  readonly cohort: Cohort;
  /** Its usable cases, prepared for classes of these labels. */
  source(classes: readonly (readonly number[])[]): CaseSource;
}

/**
 * Reads every case of a folder on disk. What cannot be read is a problem of its case, in
 * words; the rest goes on.
 *
 * @param read - told after each case
 * @throws PlannerError "cohort" when the folder cannot be read or holds no case
 */
export async function openCohortFolder(
  folder: string,
  signal: StopSignal,
  read: (done: number, total: number) => void,
): Promise<CohortFolder> {
  const files = await listFolder(folder);
  const paths = cohortTextPaths(files);
  const textOf = (path: string | null) =>
    path === null ? undefined : readFile(join(folder, path), "utf8");
  const pairing = pairFiles(files, {
    datasetJson: await textOf(paths.datasetJson),
    casesCsv: await textOf(paths.casesCsv),
  });
  if (pairing.pairs.length === 0) {
    const reasons = pairing.problems.map(({ message }) => message).join("\n");
    throw new PlannerError("cohort", `${folder}: ${reasons}`);
  }
  const voxels = new KeptVoxels();
  const cases: CaseSummary[] = [];
  for (const pair of pairing.pairs) {
    signal.throwIfAborted();
    const reading = await readPair(folder, pair);
    voxels.offer(reading);
    cases.push(reading.summary);
    read(cases.length, pairing.pairs.length);
  }
  const cohort = assembleCohort(basename(folder), pairing, cases);
  const pairs = new Map(pairing.pairs.map((pair) => [pair.id, pair]));
  const volumesOf = async (id: string): Promise<CaseVolumes> => {
    const kept = voxels.of(id);
    if (kept) return kept;
    const again = volumesIn(await readPair(folder, pairs.get(id) as Pair));
    if (again) return again;
    throw new PlannerError("storage", `case ${id} can no longer be read; was its file changed?`);
  };
  return { cohort, source: (classes) => sourceOf(cohort, classes, volumesOf) };
}

function sourceOf(
  cohort: Cohort,
  classes: readonly (readonly number[])[],
  volumesOf: (id: string) => Promise<CaseVolumes>,
): CaseSource {
  const shapes = new Map(cohort.cases.filter(isUsable).map(({ id, shape }) => [id, shape]));
  return {
    shapeOf: (id) => {
      const shape = shapes.get(id);
      if (!shape) throw new PlannerError("cohort", `case ${id} cannot be used`);
      return shape;
    },
    caseOf: async (id) => prepareCase(await volumesOf(id), classes),
  };
}

async function readPair(folder: string, pair: Pair): Promise<CaseReading> {
  const bytesOf = (path: string) => readFile(join(folder, path));
  try {
    const image = await bytesOf(pair.image);
    return readCase(pair, { image, mask: pair.mask === null ? null : await bytesOf(pair.mask) });
  } catch (error) {
    // A file of no bytes is a broken file; `readCase` finds the words for the case.
    const reading = readCase(pair, { image: new Uint8Array(), mask: null });
    const message = `the files cannot be read (${messageOf(error)})`;
    const problem = { severity: "error", message, paths: [pair.image] } as const;
    return { ...reading, summary: { ...reading.summary, problems: [problem] } };
  }
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
