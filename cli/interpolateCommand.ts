import { type Command, InvalidArgumentError, Option } from "commander";
import type { InterpolationReport } from "#core/evaluation/interpolationReport.ts";
import { interpolatorLabels, strategyLabels } from "#core/experiment/methods.ts";
import { runCommand } from "./command.ts";
import { backendOption } from "./deviceOption.ts";
import type { InterpolateOptions } from "./interpolate.ts";
import { integerFrom, numbersFrom } from "./numberOption.ts";

const help = `
Examples:
  slicewise interpolate --cohort ~/annotated --method signedDistance --strategy fixedInterval \\
    --density 0.1 --seed 1 --json
  slicewise interpolate --cohort ~/annotated --method learned --strategy fixedInterval \\
    --density 0.05 --density 0.1 --settings settings.json --save ~/filled

  Masks of the chosen slices are kept, the others are filled and compared with the masks that
  were set aside. IoU is that of all cases together, of human and filled slices (whole) and of
  filled slices alone (interpolatedOnly), averaged over labels; byDistance has it by slices to
  the nearest annotated one.

  Saved masks lie on the grid of their image, compressed NIfTI, 255 where nothing was filled.

  The learned method trains on the images of the cohort first. Its settings are those of
  "interpolation" in experiment.json: network (small, paper), steps, learningRate, radius,
  border, temperature, tupleSlices, maxGap, tuples, crop, sampling, jitter, seed; and, for optical
  flow too, combine (distance, equal, nearest, confidence, union, intersection), carry (soft,
  hard), path (unit, direct, both), outer (propagate, background, unannotated), minConfidence
  and maxDisagreement.

Exit codes: 0 every case was filled; 1 some were not, or bad input; 130 interrupted.`;

/** `slicewise interpolate`. */
export function addInterpolateCommand(root: Command): void {
  root
    .command("interpolate")
    .description("fill masks between chosen slices of a cohort and compare them with its masks")
    .requiredOption("--cohort <dir>", "folder of images with masks")
    .addOption(
      new Option("--method <name>", "how gaps are filled")
        .choices(Object.keys(interpolatorLabels))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--strategy <name>", "how slices are chosen in a volume")
        .choices(Object.keys(strategyLabels))
        .default("fixedInterval"),
    )
    .requiredOption(
      "--density <share>",
      "annotated slices of each volume; repeat for more",
      numbersFrom(0, 1),
    )
    .option(
      "--seed <number>",
      "decides what is left to chance",
      integerFrom(0, Number.MAX_SAFE_INTEGER),
      1,
    )
    .option("--labels <list>", "labels of the masks, with commas; all unless given", labelList)
    .option("--merge", "treat the labels as one structure")
    .option("--settings <file>", "settings of interpolation, JSON")
    .option("--save <dir>", "folder for the filled masks")
    .addOption(backendOption())
    .option("--json", "print the scores as JSON; a list of them for several densities")
    .addHelpText("after", help)
    .action((options: InterpolateOptions & { json?: true }) =>
      runCommand(async (streams, signal) => {
        const { interpolate } = await import("./interpolate.ts");
        const { reports, problems } = await interpolate(options, streams, signal);
        for (const problem of problems) streams.log.write(`problem: ${problem}\n`);
        const shown = reports.length === 1 ? reports[0] : reports;
        if (options.json) streams.out.write(`${JSON.stringify(shown, null, 2)}\n`);
        else for (const report of reports) streams.out.write(`${lineOf(report)}\n`);
        return problems.length === 0;
      }),
    );
}

function lineOf({ method, density, iou, cases, unannotated }: InterpolationReport): string {
  const shown = (value: number | null) => value?.toFixed(4) ?? "-";
  const left = unannotated > 0 ? `, ${(100 * unannotated).toFixed(1)} % left unannotated` : "";
  return (
    `${method}, density ${density}, ${cases.length} cases: IoU ${shown(iou.whole)}, ` +
    `filled slices only ${shown(iou.interpolatedOnly)}${left}`
  );
}

function labelList(text: string): number[] {
  return text.split(",").map((part) => {
    const label = Number(part);
    if (Number.isInteger(label) && label >= 1 && label <= 65535) return label;
    throw new InvalidArgumentError(`must be labels from 1 to 65535 with commas, got ${text}`);
  });
}
