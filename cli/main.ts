import process from "node:process";
import { Command, Option } from "commander";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { RunOptions } from "./run.ts";

const examples = `
Examples:
  slicewise run experiment.json --cohort ~/cohort --out ~/results
  slicewise run experiment.json --cohort ~/cohort --out ~/results --backend cpu

  experiment.json needs three lists, everything else has a default:
    { "densities": [0.1, 0.4], "volumeFractions": [0.25, 1], "strategies": ["fixedInterval"] }
  Also understood: name, target {labels}, network, networkSize, interpolators, repeats, seed,
  iterations, batchSize, learningRate, patch, split {test, validation, seed} or lists of case ids.

  The cohort is a folder of NIfTI images with masks: imagesTr/labelsTr (with or without
  dataset.json), images/labels, or files ending in _seg, _mask or _label. A cases.csv with
  columns case,patient keeps the cases of a patient on one side of the split.

  The output folder gets results.jsonl, one line per trial, written when the trial ends. Called
  again with the same experiment, the run goes on where it stopped and retries failed trials.

Exit codes: 0 all trials finished; 1 bad input, or a trial failed; 130 interrupted.`;

/** The second Ctrl+C does not wait for the step under way. */
function stopOnSignals(): AbortController {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write("\nstopping after this step; press Ctrl+C again to stop at once\n");
    controller.abort(new Interrupted());
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller;
}

class Interrupted extends Error {}

async function runCommand(experiment: string, options: RunOptions): Promise<number> {
  const { signal } = stopOnSignals();
  try {
    // Loaded late: --help answers without TensorFlow.js.
    const { run } = await import("./run.ts");
    const streams = { out: process.stdout, log: process.stderr };
    return (await run(experiment, options, streams, signal)) ? 0 : 1;
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write("interrupted; finished trials are kept, call again to go on\n");
      return 130;
    }
    // A PlannerError is written for people; anything else is a defect and shows where.
    const isExpected = error instanceof PlannerError || !(error instanceof Error);
    process.stderr.write(`error: ${isExpected ? messageOf(error) : error.stack}\n`);
    return 1;
  }
}

function program(): Command {
  const root = new Command("slicewise")
    .description("Plans annotation budgets: trains on parts of an annotated cohort, headless.")
    .showHelpAfterError("(--help explains every command)");
  const run = root
    .command("run")
    .description("run an experiment on a folder of images with masks")
    .argument("<experiment.json>", "what to compare")
    .requiredOption("--cohort <dir>", "folder of images and masks")
    .requiredOption("--out <dir>", "folder for results.jsonl; made where it does not exist")
    .addOption(
      new Option("--backend <name>", "auto: WebGPU on hardware, else the CPU path")
        .choices(["auto", "webgpu", "cpu"])
        .default("auto"),
    )
    .action(async (experiment: string, options: RunOptions) => {
      const code = await runCommand(experiment, options);
      await flushed(process.stdout);
      // Dawn keeps threads alive that would hold the process.
      process.exit(code);
    });
  root.addHelpText("after", () => `\n${run.helpInformation()}${examples}`);
  run.addHelpText("after", examples);
  return root;
}

/** What was written has left the process. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

await program().parseAsync();
