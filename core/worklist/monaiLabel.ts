import { PlannerError } from "../errors.ts";
import { type ExportFile, jsonText } from "./exportFile.ts";
import type { Worklist } from "./worklist.ts";

/**
 * `datastore_v2.json` for a MONAI Label server: every planned image as an object without
 * labels, its slices in `image.info`. The file goes beside the images.
 *
 * MONAI Label names an image by its id and ending, so an object's id is its path without the
 * ending; only images in one folder can be served together.
 *
 * @throws PlannerError "cohort" when two images have the same name in different folders
 *
 * Source: LocalDatastoreModel of MONAI Label.
 */
export function monaiLabel({ name, target, cases }: Worklist): ExportFile[] {
  const objects = cases.map(({ id, path, slices }) => {
    const file = path.slice(path.lastIndexOf("/") + 1);
    const ending = /\.nii(\.gz)?$|\.[^.]+$/i.exec(file)?.[0] ?? "";
    const info = {
      name: file,
      case: id,
      slices: slices.map(({ axis, index0, positionMm, priority, reason }) => ({
        axis,
        index0,
        position_mm: positionMm,
        priority,
        reason,
      })),
    };
    const key = file.slice(0, file.length - ending.length);
    return [key, { image: { ext: ending, info }, labels: {} }] as const;
  });
  const names = objects.map(([key]) => key);
  const twice = names.find((key, at) => names.indexOf(key) < at);
  if (twice !== undefined) {
    throw new PlannerError(
      "cohort",
      `image names must be unique for MONAI Label, got ${twice} in more than one folder`,
    );
  }
  const datastore = {
    name,
    description: `Slices to annotate (${target}); see image.info.slices`,
    images_dir: ".",
    labels_dir: "labels",
    objects: Object.fromEntries(objects),
  };
  return [{ path: "datastore_v2.json", content: jsonText(datastore) }];
}
