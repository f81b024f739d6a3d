import type { Command } from "commander";
import { runCommand } from "./command.ts";

const help = `
Examples:
  slicewise cohort ~/data
  slicewise cohort ~/data --json

  Says how a folder is understood before anything is trained on it: its layout, which mask
  belongs to which image, which cases are of one patient, and what is wrong. Every file is read.

  A cohort.json in the folder (or --settings) corrects what was recognised and says what is done
  to every volume. Every field may be left out:
    { "plane": "axial", "volume": 0, "added": [{ "image": "a.nii", "mask": "b.nii" }],
      "cases": { "case1": { "mask": "labels/x.nii.gz", "patient": "P1", "volume": 1,
                            "plane": "sagittal", "excluded": true } },
      "preprocessing": { "spacing": [null, 1, 1], "size": [null, 256, 256],
        "intensity": { "kind": "window", "low": -160, "high": 240 } } }
  intensity is zScore, none, window (low, high) or percentiles (low, high). DICOM patients get
  names that stand for them; --json holds no path of a DICOM file.

Exit codes: 0 nothing is wrong; 1 a problem is an error, or the folder holds no case.`;

/** `slicewise cohort`. */
export function addCohortCommand(root: Command): void {
  root
    .command("cohort")
    .description("say what a folder of images and masks is recognised as")
    .argument("<dir>", "folder of images and masks")
    .option("--settings <file>", "cohort.json to use instead of the folder's own")
    .option("--json", "an object with layout, pairs, patients and problems", false)
    .addHelpText("after", help)
    .action((folder: string, options: { json: boolean; settings?: string }) =>
      runCommand(async (streams, signal) => {
        const { describeCohort } = await import("./cohort.ts");
        return describeCohort(folder, options, streams, signal);
      }),
    );
}
