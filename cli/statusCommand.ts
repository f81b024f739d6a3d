import type { Command } from "commander";
import { runCommand } from "./command.ts";
import { redisOption } from "./queue/redisOption.ts";
import type { StatusOptions } from "./status.ts";

const help = `
Examples:
  slicewise status ~/results
  slicewise status --redis redis://host:6379 --json

  Of an output folder: trials done, failed and left, and why trials failed. Of a queue: for each
  experiment trials waiting, running, done and failed, workers, the rate, the time left, and what
  is under way.

Exit codes: 0 printed; 1 no such folder or Redis.`;

/** `slicewise status`. */
export function addStatusCommand(root: Command): void {
  root
    .command("status")
    .description("show how a run goes, in a folder or on a queue")
    .argument("[folder]", "output folder of a run")
    .addOption(redisOption())
    .option("--json", "as JSON instead of text")
    .addHelpText("after", help)
    .action((folder: string | undefined, options: StatusOptions) =>
      runCommand(async (streams) => {
        const { status } = await import("./status.ts");
        // A folder that is named counts more than a queue in the environment.
        const { json = false } = options;
        await status(folder, folder === undefined ? options : { json }, streams);
        return true;
      }),
    );
}
