import { type Command, InvalidArgumentError } from "commander";
import { runCommand } from "./command.ts";
import type { InspectOptions } from "./inspect.ts";

const help = `
Examples:
  slicewise inspect scan.nii.gz
  slicewise inspect ~/dicom-folder mask.seg.nrrd --json
  slicewise inspect scan.nii.gz --at 10,-20.5,30 --at 0,0,0 --json

  A path is a file or a folder: of a folder every NIfTI, NRRD, MetaImage and DICOM file is read,
  and the files of a DICOM series are put together. Shape, affine and voxels are of the volume
  as it is used: [depth, height, width], turned to run towards superior, anterior, right.
  Places are RAS mm; --at gives the voxel nearest to each, null outside.

Exit codes: 0 everything was read; 1 something could not be read (the rest is printed).`;

/** `slicewise inspect`. */
export function addInspectCommand(root: Command): void {
  root
    .command("inspect")
    .description("say what scans and masks hold and how they lie in space")
    .argument("<path...>", "files or folders")
    .option("--at <x,y,z>", "value at a place (RAS, mm); may come several times", addPlace, [])
    .option("--json", "an array with an object per volume", false)
    .addHelpText("after", help)
    .action((paths: string[], options: InspectOptions) =>
      runCommand(async (streams) => {
        const { inspect } = await import("./inspect.ts");
        return inspect(paths, options, streams);
      }),
    );
}

function addPlace(text: string, before: InspectOptions["at"]): InspectOptions["at"] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [x, y, z] = values;
  if (values.length !== 3 || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError(`a place must be three numbers x,y,z in mm, got ${text}`);
  }
  return [...before, [x as number, y as number, z as number]];
}
