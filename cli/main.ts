import process from "node:process";
import { Command } from "commander";
import { addAnalyseCommand } from "./analyseCommand.ts";
import { addBenchCommand } from "./bench/benchCommand.ts";
import { addCohortCommand } from "./cohortCommand.ts";
import { addEvaluateCommand } from "./evaluateCommand.ts";
import { addInspectCommand } from "./inspectCommand.ts";
import { addInterpolateCommand } from "./interpolateCommand.ts";
import { addMergeCommand } from "./mergeCommand.ts";
import { addPlanCommand } from "./planCommand.ts";
import { addPredictCommand } from "./predictCommand.ts";
import { addWorkCommand } from "./queue/workCommand.ts";
import { addRunCommand } from "./runCommand.ts";
import { addSelectCommand } from "./selectCommand.ts";
import { addStatusCommand } from "./statusCommand.ts";

const root = new Command("slicewise")
  .description("Plans annotation budgets: trains on parts of an annotated cohort, headless.")
  .showHelpAfterError("(--help explains every command)");
addRunCommand(root);
addWorkCommand(root);
addStatusCommand(root);
addMergeCommand(root);
addAnalyseCommand(root);
addPlanCommand(root);
addSelectCommand(root);
addPredictCommand(root);
addEvaluateCommand(root);
addBenchCommand(root);
addInspectCommand(root);
addCohortCommand(root);
addInterpolateCommand(root);
root.addHelpText("after", () =>
  root.commands.map((command) => `\n${"-".repeat(72)}\n${helpOf(command)}`).join(""),
);

/** What `--help` of a command prints, examples included. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  command.configureOutput({ writeOut: (part) => void process.stdout.write(part) });
  return text;
}

await root.parseAsync();
