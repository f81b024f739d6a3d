import { type ExportFile, jsonText } from "./exportFile.ts";
import { sliceImagesOf } from "./sliceImages.ts";
import type { Worklist } from "./worklist.ts";

/**
 * For Label Studio: `tasks.json`, a task per slice image, first priority first, and
 * `labelingConfig.xml`. The images are `renderSlices`.
 *
 * @param root - what stands before an image's path; Label Studio serves local files under
 *   `/data/local-files/?d=` and a folder below its document root
 *
 * Source: Label Studio, task format and local storage.
 */
export function labelStudio(worklist: Worklist, root = "/data/local-files/?d="): ExportFile[] {
  const tasks = worklist.cases
    .flatMap(sliceImagesOf)
    .sort((a, b) => a.priority - b.priority)
    .map(({ path, depth, priority, reason, case: id }) => ({
      data: { image: `${root}${path}`, case: id, slice: depth, priority, reason },
    }));
  const label = worklist.target
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;");
  const config = [
    "<View>",
    '  <Image name="image" value="$image" zoom="true" />',
    '  <BrushLabels name="mask" toName="image">',
    `    <Label value="${label}" background="#ff0000" />`,
    "  </BrushLabels>",
    "</View>",
    "",
  ].join("\n");
  return [
    { path: "tasks.json", content: jsonText(tasks) },
    { path: "labelingConfig.xml", content: config },
  ];
}
