import type { Command } from "commander";
import { runCommand } from "./command.ts";
import { backendOption } from "./deviceOption.ts";
import type { PredictOptions } from "./predict.ts";

const help = `
Examples:
  slicewise run experiment.json --cohort ~/cohort --out ~/results --networks
  slicewise predict ~/results/networks/unet3d-d1-v1-fixedInterval-none-r0.safetensors \\
    --images ~/new-scans --out ~/masks

  Images are a folder as "slicewise plan" takes it; each becomes CASE.nii.gz with the labels
  the network was trained on. The weights carry a card of what they are: network, size,
  classes, patch, and the training they come from.

Exit codes: 0 every image was predicted; 1 something could not be read.`;

/** `slicewise predict`. */
export function addPredictCommand(root: Command): void {
  root
    .command("predict")
    .description("predict masks with a network that a run kept")
    .argument("<network.safetensors>", "a file that run --networks wrote")
    .requiredOption("--images <dir>", "folder of images")
    .requiredOption("--out <dir>", "folder for the masks; made where it does not exist")
    .addOption(backendOption())
    .addHelpText("after", help)
    .action((network: string, options: PredictOptions) =>
      runCommand(async (streams, signal) => {
        const { predict } = await import("./predict.ts");
        await predict(network, options, streams, signal);
        return true;
      }),
    );
}
