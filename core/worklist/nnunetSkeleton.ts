import { gzipSync } from "fflate";
import { csvText } from "../csvText.ts";
import { writeNifti } from "../formats/writeNifti.ts";
import type { Grid } from "../volume/grid.ts";
import type { Mask } from "../volume/volume.ts";
import { type ExportFile, jsonText } from "./exportFile.ts";
import type { Worklist, WorklistCase } from "./worklist.ts";

/** The label that nnU-Net leaves out of its loss: the highest, named "ignore". */
const IGNORE = 2;

/**
 * A dataset for nnU-Net v2 in which masks wait to be drawn: `labelsTr` with the ignore label
 * everywhere but on the slices to annotate, which are background; `dataset.json`; and
 * `images.csv`, which names the images as nnU-Net wants them.
 *
 * Masks lie on the grid of their image as stored, so every tool shows them in place.
 *
 * Source: nnU-Net v2, dataset_format.md and ignore_label.md.
 */
export function nnunetSkeleton(worklist: Worklist): ExportFile[] {
  const { cases, target } = worklist;
  const ending = ".nii.gz";
  const labels = cases.map((one) => ({
    path: `labelsTr/${one.fileName}${ending}`,
    // A fixed time, or the same plan would give other bytes tomorrow.
    content: gzipSync(writeNifti(skeletonOf(one), one.grid), { mtime: 0 }),
  }));
  const dataset = {
    channel_names: { "0": "image" },
    labels: { background: 0, [target === "background" ? "target" : target]: 1, ignore: IGNORE },
    numTraining: cases.length,
    file_ending: ending,
  };
  const images = cases.map(({ id, path, fileName }) => [
    id,
    path,
    `imagesTr/${fileName}_0000${ending}`,
  ]);
  return [
    ...labels,
    { path: "dataset.json", content: jsonText(dataset) },
    { path: "images.csv", content: csvText([["case", "file", "copy_as"], ...images]) },
  ];
}

function skeletonOf({ grid, slices }: WorklistCase): Mask {
  const [depth, height, width] = grid.shape;
  const classes = new Uint8Array(depth * height * width).fill(IGNORE);
  for (const { axis, index0 } of slices) clearSlice(classes, grid, axis, index0);
  return { shape: grid.shape, classes };
}

/** Makes a slice of the file background. */
function clearSlice(
  classes: Uint8Array,
  { shape: [depth, height, width] }: Grid,
  axis: "i" | "j" | "k",
  index: number,
): void {
  const size = height * width;
  if (axis === "k") {
    classes.fill(0, index * size, (index + 1) * size);
    return;
  }
  for (let k = 0; k < depth; k++) {
    if (axis === "j") {
      classes.fill(0, k * size + index * width, k * size + (index + 1) * width);
    } else {
      for (let j = 0; j < height; j++) classes[k * size + j * width + index] = 0;
    }
  }
}
