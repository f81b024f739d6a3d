import { type Command, InvalidArgumentError, Option } from "commander";
import {
  featureLabels,
  scopeLabels,
  strategyLabels,
  strategySight,
} from "#core/experiment/methods.ts";
import { namesOf } from "#core/schema.ts";
import { runCommand } from "./command.ts";
import { numberFrom } from "./numberOption.ts";
import type { SelectOptions } from "./select.ts";

const names = namesOf(strategyLabels);
const biased = names.filter((name) => strategySight[name] === "target").join(", ");

const help = `
Examples:
  slicewise select --cohort ~/scans --strategy coreset --density 0.1
  slicewise select --cohort ~/scans --strategy unsupervised --density 0.1 --scope cohort --json

  The cohort is a folder of images; masks are looked at for the diagnostics alone, except by
  strategies that know the target and are biased for it: ${biased}.
  A trial of an experiment with the same seed and pool picks the same slices.

  With --scope cohort, slices are picked over all volumes together, as many in all as in each
  alone; --fewest and --most bound those of a volume, as multiples of what it would get alone.
  Strategies that spread slices along a volume pick in each volume whatever the scope.

  JSON: { strategy, seed, cases: [ { case, slices, positions } ], diagnostics }. Slices count
  from 0 along the slice axis (towards superior), positions are mm from slice 0. Diagnostics:
  coverageRadius and meanCoverage (feature distance to the nearest picked slice), redundancy
  (cosine similarity of picked slices), largestGapMm, meanGapMm, foregroundShare; null where
  nothing is known; of all volumes together and of each case.

Exit codes: 0 slices were picked; 1 bad input.`;

/** `slicewise select`. */
export function addSelectCommand(root: Command): void {
  root
    .command("select")
    .description("pick slices by a strategy, without training anything")
    .requiredOption("--cohort <dir>", "folder of images")
    .addOption(
      new Option("--strategy <name>", "how slices are picked").choices(names).makeOptionMandatory(),
    )
    .option("--density <share>", "slices annotated in each volume", share, 0.1)
    .option("--volume-fraction <share>", "annotated volumes of the folder", share, 1)
    .option("--seed <number>", "decides what is left to chance", seed, 1)
    .addOption(
      new Option("--scope <name>", "in each volume, or over all volumes together")
        .choices(namesOf(scopeLabels))
        .default("volume"),
    )
    .option(
      "--fewest <factor>",
      "fewest slices of a volume, of its own number",
      numberFrom(0, 1),
      0,
    )
    .option("--most <factor>", "most slices of a volume; no limit without", numberFrom(1, 1000))
    .addOption(
      new Option("--features <name>", "what strategies by image compare slices by")
        .choices(namesOf(featureLabels))
        .default("descriptor"),
    )
    .option("--target <labels>", "labels of the target, e.g. 1,2; all without", labels)
    .option("--settings <file>", "cohort.json to use instead of the folder's own")
    .option("--json", "print the picks as JSON")
    .addHelpText("after", help)
    .action(({ most = null, target = null, ...options }: Given) =>
      runCommand(async (streams, signal) => {
        const { select } = await import("./select.ts");
        return select({ ...options, most, target }, streams, signal);
      }),
    );
}

type Given = Omit<SelectOptions, "most" | "target"> &
  Partial<Pick<SelectOptions, "most" | "target">>;

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError(`must be a number above 0 and at most 1, got ${text}`);
}

function seed(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError(`must be an integer from 0, got ${text}`);
}

function labels(text: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (values.every((value) => Number.isInteger(value) && value > 0)) return values;
  throw new InvalidArgumentError(`must be labels from 1, separated by commas, got ${text}`);
}
