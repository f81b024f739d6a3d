import { PlannerError } from "../errors.ts";
import { readVolume, type Scaling, type VolumeFile } from "../formats/readVolume.ts";
import { hashText } from "../hash.ts";
import { type Intensity, intensityOf } from "../volume/intensity.ts";
import { axisCodes, canonicalTurn, turnedGrid, turnedVoxels } from "../volume/orientation.ts";
import { canonicalInPlace } from "../volume/turnInPlace.ts";
import type { Volume } from "../volume/volume.ts";
import type { CaseSummary, Pair, Problem } from "./cohort.ts";
import { hashBytes } from "./hashBytes.ts";
import { matchGrids } from "./matchGrids.ts";
import { readLabels } from "./readLabels.ts";
import { resampleLabels } from "./resampleLabels.ts";
import { unreadCase } from "./unreadCase.ts";

/** A mask with more labels than this is looked at twice. */
const MANY_LABELS = 256;

/** A case as read: what is known of it, and its voxels on the canonical grid. */
export interface CaseReading {
  readonly summary: CaseSummary;
  /** null: could not be read */
  readonly image: Volume | null;
  /** Labels as stored, on the image's grid; null: no mask, or it cannot be used. */
  readonly labels: Volume | null;
  /** How the image's values came of stored integers; null: they are as stored, or unknown. */
  readonly scaling: Scaling | null;
}

/** Bytes of a file that stands alone, gzip or not, or a volume that was opened already. */
export type VolumeInput = Uint8Array | OpenedVolume;

/** A volume that was opened; `open` throws what went wrong. */
export interface OpenedVolume {
  readonly open: () => VolumeFile;
}

/** The two volumes of a case. */
export interface CaseInput {
  readonly image: VolumeInput;
  readonly mask: VolumeInput | null;
}

/**
 * Reads image and mask of a case, turns both to the canonical axes and checks that they fit.
 * Broken files give problems in words, not exceptions, so that the rest of a cohort loads.
 */
export function readCase(pair: Pair, input: CaseInput): CaseReading {
  const problems: Problem[] = [];
  const image = attempt(pair.image, problems, () => opened(input.image));
  const mask = pair.mask === null ? null : readMask(pair.mask, input.mask, problems);
  if (!image)
    return { summary: unreadCase(pair, problems), image: null, labels: null, scaling: null };

  const canonical = canonicalInPlace(image.volume, pair.plane);
  const intensity = intensityOf(canonical.voxels);
  problems.push(...imageProblems(image, intensity, pair));
  const read = mask ? canonicalLabels(pair, image, mask, problems) : null;
  const labels = read ? { ...canonical, voxels: read.voxels } : null;
  const summary: CaseSummary = {
    id: pair.id,
    patient: pair.patient,
    imagePath: pair.image,
    maskPath: pair.mask,
    shape: canonical.shape,
    spacing: canonical.spacing,
    orientation: {
      stored: axisCodes(image.volume.affine),
      canonical: axisCodes(canonical.affine),
    },
    dataType: image.dataType,
    intensity: { min: intensity.min, max: intensity.max, mean: intensity.mean },
    labels: read?.labels ?? [],
    fingerprint: fingerprintOf(canonical, labels),
    problems,
    ...choicesOf(pair, image),
  };
  return { summary, image: canonical, labels, scaling: image.scaling ?? null };
}

/** What was chosen of a pair, where there was something to choose. */
function choicesOf(pair: Pair, image: VolumeFile): Partial<CaseSummary> {
  const volumes = pair.channels?.length ?? image.frames;
  return {
    ...(volumes > 1 ? { volumes } : {}),
    ...(pair.volume === undefined ? {} : { volume: pair.volume }),
    ...(pair.plane === undefined ? {} : { plane: pair.plane }),
  };
}

function opened(input: VolumeInput): VolumeFile {
  return "open" in input ? input.open() : readVolume(input);
}

function readMask(path: string, input: VolumeInput | null, problems: Problem[]): VolumeFile | null {
  return attempt(path, problems, () => {
    if (!input) throw new PlannerError("format", "the mask's file could not be read");
    return requireOne(opened(input));
  });
}

/** A mask's own labels come first; more volumes would be more masks. */
function requireOne(mask: VolumeFile): VolumeFile {
  if (mask.frames === 1) return mask;
  throw new PlannerError(
    "format",
    `mask must be one volume, got ${mask.frames}; save the one to use as a file of its own`,
  );
}

/** Runs a step; a `PlannerError` becomes a problem of the file. */
function attempt<T>(path: string, problems: Problem[], step: () => T): T | null {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    problems.push({ severity: "error", message: error.message, paths: [path] });
    return null;
  }
}

function imageProblems(image: VolumeFile, intensity: Intensity, pair: Pair): Problem[] {
  const messages = [...image.notes];
  if (image.frames > 1 && pair.volume === undefined) {
    messages.push(
      `the image holds ${image.frames} volumes (channels or a series); the first is used`,
    );
  }
  const { min, max, nonFinite } = intensity;
  if (min === max)
    messages.push(`every voxel of the image is ${min}: there is nothing to see in it`);
  if (nonFinite > 0) {
    messages.push(`${nonFinite} voxels of the image are not finite numbers; they count as 0`);
  }
  return messages.map((message) => ({ severity: "warning", message, paths: [pair.image] }));
}

function canonicalLabels(pair: Pair, image: VolumeFile, mask: VolumeFile, problems: Problem[]) {
  const path = pair.mask as string;
  const warn = (message: string) => problems.push({ severity: "warning", message, paths: [path] });
  const match = matchGrids(image, mask, pair.plane);
  const read = attempt(path, problems, () => readLabels(mask.volume.voxels));
  if (!read) return null;
  if (!match.fits) {
    const grid = turnedGrid(image.volume, canonicalTurn(image.volume.affine, pair.plane));
    const isPlaced = image.isPlaced && mask.isPlaced;
    const labels = { ...mask.volume, voxels: read.voxels };
    const rules = { isSparse: mask.isSparse === true, plane: pair.plane };
    const moved = isPlaced ? resampleLabels(labels, grid, rules) : null;
    if (!moved) {
      problems.push({ severity: "error", message: match.reason, paths: [pair.image, path] });
      return null;
    }
    warn(moved.warning);
    return readLabels(moved.voxels);
  }
  if (match.warning) warn(match.warning);
  if (read.labels.length === 0) warn("mask has no foreground: every voxel is 0");
  if (read.labels.length > MANY_LABELS) {
    warn(`mask has ${read.labels.length} different labels; is it an image?`);
  }
  return { ...read, voxels: turnedVoxels(read.voxels, mask.volume.shape, match.turn) };
}

/** Of shape, place to 1/1000 mm, and voxels. */
function fingerprintOf(image: Volume, labels: Volume | null): string {
  const place = image.affine.map((value) => Math.round(value * 1000));
  const parts = [image.shape, place, hashBytes(image.voxels), labels && hashBytes(labels.voxels)];
  return hashText(JSON.stringify(parts));
}
