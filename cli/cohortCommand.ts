import type { Command } from "commander";
import { runCommand } from "./command.ts";

const help = `
Examples:
  slicewise cohort ~/data
  slicewise cohort ~/data --json

  Says how a folder is understood before anything is trained on it: its layout, which mask
  belongs to which image, which cases are of one patient, and what is wrong. Every file is read.

Exit codes: 0 nothing is wrong; 1 a problem is an error, or the folder holds no case.`;

/** `slicewise cohort`. */
export function addCohortCommand(root: Command): void {
  root
    .command("cohort")
    .description("say what a folder of images and masks is recognised as")
    .argument("<dir>", "folder of images and masks")
    .option("--json", "an object with layout, pairs, patients and problems", false)
    .addHelpText("after", help)
    .action((folder: string, options: { json: boolean }) =>
      runCommand(async (streams, signal) => {
        const { describeCohort } = await import("./cohort.ts");
        return describeCohort(folder, options, streams, signal);
      }),
    );
}
