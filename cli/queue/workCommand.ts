import type { Command } from "commander";
import { runCommand } from "../command.ts";
import { backendOption } from "../deviceOption.ts";
import { integerFrom, numberFrom } from "../numberOption.ts";
import { redisOption } from "./redisOption.ts";
import type { WorkOptions } from "./work.ts";

const help = `
Examples:
  slicewise work --redis redis://host:6379 --cohort ~/cohort
  slicewise work --redis redis://host:6379 --cohort ~/cohort --workers 2 --until-empty

  Start one on every machine that holds the same cohort, and fill the queue from any of them with
  "slicewise run experiment.json --cohort ~/cohort --out ~/results --redis redis://host:6379".
  A trial whose worker gives no sign of life goes to another after --lease seconds; one that took
  three workers down is set aside as failed. Ctrl+C gives the trials under way back. With
  --checkpoints a trial that goes elsewhere goes on from its last half minute.

Exit codes: 0 nothing waits any more (--until-empty); 1 no Redis, another cohort, or no device;
130 interrupted.`;

/** `slicewise work`. */
export function addWorkCommand(root: Command): void {
  root
    .command("work")
    .description("run trials that wait on a queue")
    .addOption(redisOption().makeOptionMandatory())
    .requiredOption("--cohort <dir>", "folder of images and masks, the same on every machine")
    .option("--settings <file>", "cohort.json to use instead of the folder's own")
    .option("--workers <n>", "training processes side by side", integerFrom(1, 256), 1)
    .option("--threads <n>", "threads of each on the CPU path", integerFrom(1, 64))
    .addOption(backendOption())
    .option(
      "--lease <seconds>",
      "silence after which a trial goes elsewhere",
      numberFrom(1, 3600),
      60,
    )
    .option("--checkpoints <dir>", "folder for trials under way, best on a disk all machines share")
    .option("--until-empty", "end when nothing waits", false)
    .addHelpText("after", help)
    .action((options: WorkOptions) =>
      runCommand(async (streams, signal) => {
        const { work } = await import("./work.ts");
        return work(options, streams, signal);
      }),
    );
}
