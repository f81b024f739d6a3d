import type { ExportFile } from "./exportFile.ts";
import { jsonText } from "./exportFile.ts";
import { sliceImagesOf } from "./sliceImages.ts";
import type { Worklist } from "./worklist.ts";

/**
 * For CVAT: `manifest.jsonl` with every slice image, in the order of the files' names, and
 * `labels.json` to paste into a task's label constructor. The images are `renderSlices`.
 *
 * Names carry case and slice, so that annotations find their way back whatever the order in
 * which CVAT exports frames.
 *
 * Source: CVAT, dataset manifest, version 1.1.
 */
export function cvat(worklist: Worklist): ExportFile[] {
  const images = worklist.cases
    .flatMap(sliceImagesOf)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, width, height }) => ({
      name: path.replace(/\.png$/, ""),
      extension: ".png",
      width,
      height,
      meta: { related_images: [] },
    }));
  const lines = [{ version: "1.1" }, { type: "images" }, ...images];
  const labels = [{ name: worklist.target, color: "#ff0000", type: "mask", attributes: [] }];
  return [
    { path: "manifest.jsonl", content: lines.map((line) => `${JSON.stringify(line)}\n`).join("") },
    { path: "labels.json", content: jsonText(labels) },
  ];
}
