import type { Cohort } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { Grid } from "#core/volume/grid.ts";
import { preprocessImage, preprocessLabels } from "#core/volume/preprocess.ts";
import type { Preprocessing } from "#core/volume/preprocessing.ts";
import { percentilesOf } from "#core/volume/scaleIntensity.ts";
import { sliceOf, type VoxelArray } from "#core/volume/volume.ts";
import type { CasePreview, PreviewSlice } from "./protocol.ts";
import type { VoxelStore } from "./voxelStore.ts";

/**
 * A slice of a case as it is read and the same place as preprocessing would make it: the
 * slice with most of the mask.
 *
 * @throws PlannerError "storage" when the case is no longer stored
 */
export async function previewCase(
  store: VoxelStore,
  cohort: Cohort,
  caseId: string,
  preprocessing: Preprocessing,
): Promise<CasePreview> {
  const summary = cohort.cases.find(({ id }) => id === caseId);
  if (!summary) throw new PlannerError("argument", `case ${caseId} is not in the cohort`);
  const { image, labels } = await store.getCase(summary);
  const after = preprocessImage(image, preprocessing);
  const afterLabels = preprocessLabels(labels, image, preprocessing);
  return {
    before: previewSlice(image, image.voxels, labels),
    after: previewSlice(after, after.voxels, afterLabels),
  };
}

function previewSlice(
  { shape, spacing }: Grid,
  voxels: VoxelArray,
  labels: VoxelArray,
): PreviewSlice {
  const depth = fullestSlice(labels, shape);
  const slice = sliceOf(voxels, shape, depth);
  const [low = 0, high = 0] = percentilesOf(slice, [0.5, 99.5]);
  const scale = high > low ? 255 / (high - low) : 0;
  const [, height, width] = shape;
  const pixels = new Uint8Array(height * width);
  const mask = new Uint8Array(height * width);
  const marks = sliceOf(labels, shape, depth);
  for (let row = 0; row < height; row++) {
    // Rows run towards the front; pictures of slices have the front at the top.
    const from = (height - 1 - row) * width;
    for (let column = 0; column < width; column++) {
      // The patient's right is at the left of a picture.
      const source = from + width - 1 - column;
      const level = ((slice[source] as number) - low) * scale;
      pixels[row * width + column] = Math.max(0, Math.min(255, Math.round(level)));
      mask[row * width + column] = marks[source] === 0 ? 0 : 1;
    }
  }
  return { shape, spacing, pixels, mask, low, high };
}

function fullestSlice(labels: VoxelArray, [depth, height, width]: Grid["shape"]): number {
  const size = height * width;
  let best = Math.floor(depth / 2);
  let most = 0;
  for (let index = 0; index < depth; index++) {
    let count = 0;
    for (let at = index * size; at < (index + 1) * size; at++) if (labels[at] !== 0) count++;
    if (count > most) [best, most] = [index, count];
  }
  return best;
}
