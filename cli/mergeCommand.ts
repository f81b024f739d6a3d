import type { Command } from "commander";
import { runCommand } from "./command.ts";

const help = `
Examples:
  slicewise merge ~/results --out ~/merged              every part of "run --part" under ~/results
  slicewise merge ~/machine1 ~/machine2 --out ~/merged

  Results of one experiment only. Of a trial that two folders finished the first result stays; a
  finished one takes the place of a failed one. The folders that are read stay as they are.

Exit codes: 0 merged; 1 bad input.`;

/** `slicewise merge`. */
export function addMergeCommand(root: Command): void {
  root
    .command("merge")
    .description("join the results of several machines")
    .argument("<folder...>", "output folders of runs, or folders of them")
    .requiredOption("--out <dir>", "folder for the joined results.jsonl")
    .addHelpText("after", help)
    .action((folders: string[], { out }: { out: string }) =>
      runCommand(async (streams) => {
        const { merge } = await import("./merge.ts");
        await merge(folders, out, streams);
        return true;
      }),
    );
}
