import type { Grid } from "../volume/grid.ts";
import { preprocessLabels } from "../volume/preprocess.ts";
import { changesGrid, type Preprocessing, preparedGrid } from "../volume/preprocessing.ts";
import type { VoxelArray } from "../volume/volume.ts";
import type { CaseSummary } from "./cohort.ts";
import { readLabels } from "./readLabels.ts";

/** A case as it was read, whatever preprocessing its summary was made for. */
export function summaryAsRead(one: CaseSummary): CaseSummary {
  const { asRead, ...rest } = one;
  return asRead ? { ...rest, ...asRead } : one;
}

/**
 * The summary of a case as trials see it: shape, spacing and labels after preprocessing.
 *
 * @param summary - as read
 * @param labels - on the grid of the image; null when there are none
 */
export function preparedSummary(
  summary: CaseSummary,
  image: Grid,
  labels: VoxelArray | null,
  preprocessing: Preprocessing,
): CaseSummary {
  const { shape, spacing } = summary;
  if (!changesGrid(preprocessing) || !shape || !spacing) return summary;
  const grid = preparedGrid(image, preprocessing);
  const prepared = labels ? readLabels(preprocessLabels(labels, image, preprocessing)).labels : [];
  const asRead = { shape, spacing, labels: summary.labels };
  return { ...summary, shape: grid.shape, spacing: grid.spacing, labels: prepared, asRead };
}
