import { type Command, Option } from "commander";
import type { AnalyseOptions } from "./analyse.ts";
import { runCommand } from "./command.ts";
import { numberFrom, numbersFrom } from "./numberOption.ts";

const help = `
Examples:
  slicewise analyse ~/results
  slicewise analyse ~/results --json > analysis.json
  slicewise analyse ~/results --reach 0.8 --reach 0.85 --budget 400

  The cost file is JSON; everything has a default:
    { "minutesPerSlice": 1.5, "minutesPerVolume": 2, "locateMinutes": 0.5, "targetLengthMm": 40,
      "reviewShare": 0, "annotators": 1, "hourlyRate": 50, "currency": "EUR" }`;

/** `slicewise analyse`. */
export function addAnalyseCommand(root: Command): void {
  root
    .command("analyse")
    .description("say what the results of a run show")
    .argument("<dir>", "output folder of a run, with results.jsonl")
    .option("--json", "everything as JSON instead of text")
    .option("--reach <iou>", "say how many slices reach this IoU; repeatable", numbersFrom(0, 1))
    .option("--margin <iou>", "difference below which strategies are equal", numberFrom(0, 1))
    .option("--budget <number>", "recommend how to spend this", numberFrom(0, 1e9))
    .addOption(unitOption())
    .option("--cost <file>", "cost model, JSON")
    .option("--time-log <file>", "measured times, CSV with columns case, minutes and slices")
    .option("--spacing <mm>", "distance between slices, mm", numberFrom(0.001, 1000))
    .addHelpText("after", help)
    .action((folder: string, options: AnalyseOptions) =>
      runCommand(async (streams) => {
        const { analyseFolder } = await import("./analyse.ts");
        await analyseFolder(folder, options, streams);
        return true;
      }),
    );
}

/** What a budget is counted in. */
export function unitOption(): Option {
  return new Option("--unit <name>", "what the budget counts")
    .choices(["slices", "hours", "money"])
    .default("slices");
}
