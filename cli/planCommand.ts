import { type Command, InvalidArgumentError, Option } from "commander";
import { strategyLabels, strategySight } from "#core/experiment/methods.ts";
import { namesOf } from "#core/schema.ts";
import { unitOption } from "./analyseCommand.ts";
import { runCommand } from "./command.ts";
import { integerFrom, numberFrom } from "./numberOption.ts";
import type { PlanOptions } from "./plan.ts";
import { type WorklistFormat, worklistFormats } from "./writeWorklist.ts";

const help = `
Examples:
  slicewise plan --cohort ~/scans --budget 400 --out ~/plan
  slicewise plan --cohort ~/scans --budget 40 --unit hours --from ~/results --out ~/plan
  slicewise plan --cohort ~/scans --budget 6000 --unit money --cost cost.json --out ~/plan

  The cohort is a folder of NIfTI images; masks are not needed and not looked at. Without --from
  the plan follows the paper's findings and promises no score.

  The output folder gets worklist.csv, plan.json and a folder per tool: nnunet (labelsTr with the
  ignore label, dataset.json), slicer (.mrk.json), itksnap (.annot), cvat, labelstudio (slices as
  PNG with their lists) and monailabel (datastore_v2.json).`;

/** `slicewise plan`. */
export function addPlanCommand(root: Command): void {
  root
    .command("plan")
    .description("choose the slices to annotate in a folder of images")
    .requiredOption("--cohort <dir>", "folder of images")
    .requiredOption("--budget <number>", "what there is to spend", numberFrom(0, 1e9))
    .requiredOption("--out <dir>", "folder for the worklist; must be empty or new")
    .addOption(unitOption())
    .option("--from <dir>", "output folder of a run to learn from")
    .addOption(
      new Option("--strategy <name>", "how slices are chosen in a volume")
        .choices(namesOf(strategyLabels).filter((name) => strategySight[name] !== "target"))
        .default("fixedInterval"),
    )
    .option(
      "--seed <number>",
      "decides what is left to chance",
      integerFrom(0, Number.MAX_SAFE_INTEGER),
      1,
    )
    .option("--target <name>", "what is to be annotated, in words", "target")
    .option("--cost <file>", "cost model, JSON; see slicewise analyse --help")
    .option("--time-log <file>", "measured times, CSV with columns case, minutes and slices")
    .option("--formats <names>", `some of ${worklistFormats.join(",")}`, formatList, [
      ...worklistFormats,
    ])
    .option("--json", "the plan as JSON instead of text")
    .addHelpText("after", help)
    .action((options: PlanOptions) =>
      runCommand(async (streams, signal) => {
        const { planCohort } = await import("./plan.ts");
        await planCohort(options, streams, signal);
        return true;
      }),
    );
}

function formatList(text: string): WorklistFormat[] {
  return text.split(",").map((name) => {
    const format = worklistFormats.find((one) => one === name.trim());
    if (format) return format;
    throw new InvalidArgumentError(`must be some of ${worklistFormats.join(",")}, got ${name}`);
  });
}
