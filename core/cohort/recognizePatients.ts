import type { Pair, Problem } from "./cohort.ts";
import { grouped } from "./grouped.ts";

/**
 * Gives cases of one patient the same patient, by their names alone: BIDS subjects, folders
 * of a patient, sides, visits and sequences of one stem, and the Decathlon's hippocampus data,
 * where files 2k-1 and 2k are the left and right of one patient. A case that shares its name
 * with no other stays a patient of its own.
 *
 * @returns pairs in their order, and a warning that says what was recognised
 */
export function recognizePatients(pairs: readonly Pair[]): {
  readonly pairs: readonly Pair[];
  readonly problems: readonly Problem[];
} {
  const groups = [...grouped(pairs, patientOf)].filter(([, own]) => own.length > 1);
  if (groups.length === 0) return { pairs, problems: [] };
  const shared = new Map(groups.flatMap(([patient, own]) => own.map(({ id }) => [id, patient])));
  const [[patient, example]] = groups as [[string, Pair[]]];
  const message =
    `${shared.size} cases are taken for ${groups.length} patients by their names ` +
    `(${example.map(({ id }) => id).join(" and ")} for ${patient}); ` +
    "add a cases.csv with columns case,patient where that is wrong";
  return {
    pairs: pairs.map((pair) => ({ ...pair, patient: shared.get(pair.id) ?? pair.patient })),
    problems: [{ severity: "warning", message, paths: [] }],
  };
}

const side = /[._-](left|right|lh|rh|l|r)$/i;
const visit =
  /[._-](ses|session|visit|timepoint|time|tp|day|week|month|baseline|followup|fu|pre|post)[._-]?\d*$/i;
const sequence =
  /[._-](t1|t1w|t1c|t1ce|t1gd|t2|t2w|t2s|pd|flair|adc|dwi|swi|pet|ct|mr|mri|mr_t1)$/i;
/** Folders that hold many patients. */
const collection =
  /^(fold|split|batch|set|part|train|training|test|testing|val|validation|site|center|centre|task|dataset|data|cohort|group|images?|labels?|masks?|v|version)[._-]?\d*/i;

function patientOf({ id, image }: Pair): string {
  const subject = /(?:^|\/)(sub-[a-zA-Z0-9]+)/.exec(image)?.[1];
  if (subject) return subject;
  const file = image.slice(image.lastIndexOf("/") + 1);
  const hippocampus = /^hippocampus_(\d{3})\b/.exec(file)?.[1];
  if (hippocampus) return `P${String(Math.ceil(Number(hippocampus) / 2)).padStart(3, "0")}`;
  const folders = image.split("/").slice(0, -1);
  const own = folders.find((name) => /\d/.test(name) && !collection.test(name));
  if (own) return own;
  let stem = id;
  for (const ending of [sequence, side, visit, side]) stem = stem.replace(ending, "") || stem;
  return stem;
}
