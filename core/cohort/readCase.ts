import { PlannerError } from "../errors.ts";
import { readVolume, type VolumeFile } from "../formats/readVolume.ts";
import { hashText } from "../hash.ts";
import { type Intensity, intensityOf } from "../volume/intensity.ts";
import {
  axisCodes,
  canonicalTurn,
  turnedGrid,
  turnedVolume,
  turnedVoxels,
} from "../volume/orientation.ts";
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
}

/** Bytes of a case's files, gzip or not. */
export interface CaseBytes {
  readonly image: Uint8Array;
  readonly mask: Uint8Array | null;
}

/**
 * Reads image and mask of a case, turns both to the canonical axes and checks that they fit.
 * Broken files give problems in words, not exceptions, so that the rest of a cohort loads.
 */
export function readCase(pair: Pair, bytes: CaseBytes): CaseReading {
  const problems: Problem[] = [];
  const image = attempt(pair.image, problems, () => readVolume(bytes.image));
  const mask = pair.mask === null ? null : readMask(pair.mask, bytes.mask, problems);
  if (!image) return { summary: unreadCase(pair, problems), image: null, labels: null };

  const canonical = turnedVolume(image.volume, canonicalTurn(image.volume.affine));
  const intensity = intensityOf(canonical.voxels);
  problems.push(...imageProblems(image, intensity, pair.image));
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
  };
  return { summary, image: canonical, labels };
}

function readMask(path: string, bytes: Uint8Array | null, problems: Problem[]): VolumeFile | null {
  return attempt(path, problems, () => {
    if (!bytes) throw new PlannerError("format", "the mask's file could not be read");
    return readMaskFile(bytes);
  });
}

/** A mask's own labels come first; more volumes would be more masks. */
function readMaskFile(bytes: Uint8Array): VolumeFile {
  const mask = readVolume(bytes);
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

function imageProblems(image: VolumeFile, intensity: Intensity, path: string): Problem[] {
  const messages = [...image.notes];
  if (image.frames > 1) {
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
  return messages.map((message) => ({ severity: "warning", message, paths: [path] }));
}

function canonicalLabels(pair: Pair, image: VolumeFile, mask: VolumeFile, problems: Problem[]) {
  const path = pair.mask as string;
  const warn = (message: string) => problems.push({ severity: "warning", message, paths: [path] });
  const match = matchGrids(image, mask);
  const read = attempt(path, problems, () => readLabels(mask.volume.voxels));
  if (!read) return null;
  if (!match.fits) {
    const grid = turnedGrid(image.volume, canonicalTurn(image.volume.affine));
    const isPlaced = image.isPlaced && mask.isPlaced;
    const moved = isPlaced ? resampleLabels({ ...mask.volume, voxels: read.voxels }, grid) : null;
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
