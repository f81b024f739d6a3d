import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { matchGrids } from "#core/cohort/matchGrids.ts";
import { readLabels } from "#core/cohort/readLabels.ts";
import { messageOf, PlannerError } from "#core/errors.ts";
import { type ClassScore, meanScore, scoreClass } from "#core/evaluation/scoreClass.ts";
import { readNifti } from "#core/formats/nifti.ts";
import { canonicalTurn, turnedGrid, turnedVoxels } from "#core/volume/orientation.ts";
import type { Mask } from "#core/volume/volume.ts";
import { listFolder } from "./listFolder.ts";

export interface EvaluateOptions {
  /** Folder of reference masks. */
  readonly reference: string;
  /** Folder of predicted masks with the same file names. */
  readonly prediction: string;
  /** Of the surface Dice, mm. */
  readonly tolerance: number;
}

/** Scores of one case by label. */
export interface CaseEvaluation {
  readonly case: string;
  readonly classes: Readonly<Record<string, ClassScore>>;
}

export interface Evaluation {
  readonly cases: readonly CaseEvaluation[];
  /** Means over cases by label. */
  readonly mean: Readonly<Record<string, ReturnType<typeof meanScore>>>;
  /** Cases that could not be scored, in words. */
  readonly problems: readonly string[];
}

/**
 * Scores every predicted mask against the reference of the same name.
 *
 * @throws PlannerError "cohort" when a folder cannot be read or no names meet
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const references = await masksIn(options.reference);
  const predictions = await masksIn(options.prediction);
  const ids = [...references.keys()].filter((id) => predictions.has(id));
  if (ids.length === 0) {
    throw new PlannerError(
      "cohort",
      `reference and prediction must share file names, got ${references.size} references and ` +
        `${predictions.size} predictions without a common one`,
    );
  }
  const cases: CaseEvaluation[] = [];
  const problems = [...references.keys()]
    .filter((id) => !predictions.has(id))
    .map((id) => `${id} has no prediction`);
  for (const id of ids) {
    try {
      const [reference, prediction] = await Promise.all([
        readFile(references.get(id) as string),
        readFile(predictions.get(id) as string),
      ]);
      cases.push({ case: id, classes: scored(reference, prediction, options.tolerance) });
    } catch (error) {
      if (!(error instanceof PlannerError)) throw error;
      problems.push(`${id} cannot be scored: ${messageOf(error)}`);
    }
  }
  return { cases, mean: means(cases), problems };
}

/** Path by file name without its ending. */
async function masksIn(folder: string): Promise<Map<string, string>> {
  const files = await listFolder(folder);
  return new Map(
    files
      .filter(({ path }) => /\.nii(\.gz)?$/i.test(path))
      .map(({ path }) => [path.replace(/\.nii(\.gz)?$/i, ""), join(folder, path)]),
  );
}

function scored(
  referenceBytes: Uint8Array,
  predictionBytes: Uint8Array,
  tolerance: number,
): Record<string, ClassScore> {
  const reference = readNifti(referenceBytes);
  const prediction = readNifti(predictionBytes);
  const match = matchGrids(reference, prediction);
  if (!match.fits) throw new PlannerError("cohort", match.reason);
  const turn = canonicalTurn(reference.volume.affine);
  const { shape, spacing } = turnedGrid(reference.volume, turn);
  const truth = readLabels(reference.volume.voxels);
  const found = readLabels(prediction.volume.voxels);
  const labels = new Set([...truth.labels, ...found.labels].map(({ label }) => label));
  const truthVoxels = turnedVoxels(truth.voxels, reference.volume.shape, turn);
  const foundVoxels = turnedVoxels(found.voxels, prediction.volume.shape, match.turn);
  const maskOf = (voxels: Uint8Array | Uint16Array, label: number): Mask => ({
    shape,
    classes: Uint8Array.from(voxels, (value) => (value === label ? 1 : 0)),
  });
  return Object.fromEntries(
    [...labels]
      .sort((a, b) => a - b)
      .map((label) => [
        label,
        scoreClass(maskOf(foundVoxels, label), maskOf(truthVoxels, label), spacing, tolerance),
      ]),
  );
}

function means(cases: readonly CaseEvaluation[]): Evaluation["mean"] {
  const labels = new Set(cases.flatMap(({ classes }) => Object.keys(classes)));
  return Object.fromEntries(
    [...labels].map((label) => [
      label,
      meanScore(cases.flatMap(({ classes }) => classes[label] ?? [])),
    ]),
  );
}
