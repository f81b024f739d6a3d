import type { Command } from "commander";
import { runCommand } from "./command.ts";

const help = `
Example:
  slicewise evaluate --reference labelsTs --prediction predictions --json

  Masks are NIfTI files with the same names in both folders. Undefined values are null: with
  both masks empty nothing is defined; with one empty IoU, Dice and surface Dice are 0 and
  distances are undefined. Surface Dice (nsd) counts border voxels within the tolerance.

Exit codes: 0 every reference was scored; 1 some were not, or bad input.`;

/** `slicewise evaluate`. */
export function addEvaluateCommand(root: Command): void {
  root
    .command("evaluate")
    .description("score predicted masks of any tool against reference masks")
    .requiredOption("--reference <dir>", "folder of reference masks")
    .requiredOption("--prediction <dir>", "folder of predicted masks")
    .option("--tolerance <mm>", "of the surface Dice", Number, 2)
    .option("--json", "print the scores as JSON")
    .addHelpText("after", help)
    .action((options: { reference: string; prediction: string; tolerance: number; json?: true }) =>
      runCommand(async ({ out, log }) => {
        const { evaluate } = await import("./evaluate.ts");
        const { problems, ...scores } = await evaluate(options);
        for (const problem of problems) log.write(`problem: ${problem}\n`);
        if (options.json) out.write(`${JSON.stringify(scores, null, 2)}\n`);
        else
          for (const [label, mean] of Object.entries(scores.mean)) {
            const shown = Object.entries(mean).map(
              ([name, value]) => `${name} ${value?.toFixed(3) ?? "-"}`,
            );
            out.write(`label ${label}, ${scores.cases.length} cases: ${shown.join(", ")}\n`);
          }
        return problems.length === 0;
      }),
    );
}
