import { type Command, Option } from "commander";
import { runCommand } from "./command.ts";
import { backendOption } from "./deviceOption.ts";
import { integerFrom } from "./numberOption.ts";
import { parsePart } from "./part.ts";
import { redisOption } from "./queue/redisOption.ts";
import type { RunOptions } from "./run.ts";

const help = `
Examples:
  slicewise run experiment.json --cohort ~/cohort --out ~/results
  slicewise run experiment.json --cohort ~/cohort --out ~/results --backend cpu

  experiment.json needs three lists, everything else has a default:
    { "densities": [0.1, 0.4], "volumeFractions": [0.25, 1], "strategies": ["fixedInterval"] }
  Also understood: name, target {labels} or {classes: [{name, labels}], score}, networks,
  networkSize, interpolators, repeats, seed, iterations, batchSize, batchSize3d, learningRate,
  patch, patch3d, recipe {loss, optimiser, schedule, augmentations, sampling},
  split {test, validation, seed} or lists of case ids.

  The cohort is a folder of NIfTI images with masks: imagesTr/labelsTr (with or without
  dataset.json), images/labels, or files ending in _seg, _mask or _label. A cases.csv with
  columns case,patient keeps the cases of a patient on one side of the split.

  The output folder gets results.jsonl, one line per trial, written when the trial ends. Called
  again with the same experiment, the run goes on where it stopped and retries failed trials.

  --predictions keeps the predicted mask of every test case as predictions/TRIAL/CASE.nii.gz,
  --networks the trained networks as networks/TRIAL.safetensors for "slicewise predict".

  On more than one process or machine (docs/cluster.md):
    slicewise run experiment.json --cohort ~/cohort --out ~/results --workers 4
    slicewise run experiment.json --cohort ~/cohort --out ~/results --redis redis://host:6379
    slicewise run experiment.json --cohort ~/cohort --out ~/results --part 3/20
  --workers trains in processes of this machine. --redis puts the trials on a queue for
  "slicewise work" and gathers the results. --part runs the third twentieth (0 is the first) into
  a folder of its own under the output folder; "slicewise merge" joins the parts.

Exit codes: 0 all trials finished; 1 bad input, or a trial failed; 130 interrupted.`;

/** `slicewise run`. */
export function addRunCommand(root: Command): void {
  root
    .command("run")
    .description("run an experiment on a folder of images with masks")
    .argument("<experiment.json>", "what to compare")
    .requiredOption("--cohort <dir>", "folder of images and masks")
    .option("--settings <file>", "cohort.json to use instead of the folder's own")
    .requiredOption("--out <dir>", "folder for results.jsonl; made where it does not exist")
    .addOption(backendOption())
    .option("--workers <n>", "training processes side by side", integerFrom(1, 256))
    .option("--threads <n>", "threads of each on the CPU path", integerFrom(1, 64))
    .addOption(redisOption().conflicts(["workers", "part"]))
    .option("--part <i/n>", "share of the trials to run: i from 0 to n - 1", parsePart)
    .addOption(
      new Option("--predictions", "keep the predicted mask of every test case").conflicts([
        "workers",
        "redis",
      ]),
    )
    .addOption(
      new Option("--networks", "keep the trained networks").conflicts(["workers", "redis"]),
    )
    .addHelpText("after", help)
    .action((experiment: string, options: RunOptions) =>
      runCommand(async (streams, signal) => {
        // Loaded late: --help answers without the engines.
        const { run } = await import("./run.ts");
        return run(experiment, options, streams, signal);
      }),
    );
}
