import * as v from "valibot";
import { messageOf, PlannerError } from "../errors.ts";
import { parseAs, rules } from "../schema.ts";
import { isPlain, preprocessingSchema } from "../volume/preprocessing.ts";

/** Planes in which slices can be taken, as axes of the world tell them. */
export const planes = ["axial", "coronal", "sagittal"] as const;

const name = () => rules.text(1000);
const volumeIndex = () => rules.integer(0, 9999, "a volume counted from 0");
const plane = () => rules.name(planes);

const caseEdit = v.object({
  excluded: v.optional(v.boolean("true or false")),
  /** null takes the mask away. */
  mask: v.optional(v.nullable(name())),
  patient: v.optional(rules.text(200)),
  volume: v.optional(volumeIndex()),
  plane: v.optional(plane()),
});

const added = v.object({ image: name(), mask: v.nullable(name()), patient: v.optional(name()) });

const schema = v.object({
  /** The plane of slices, for every case. */
  plane: v.optional(plane(), "axial"),
  /** Which volume (channel) of images that hold several, for every case. */
  volume: v.optional(volumeIndex()),
  /** What was changed of single cases, by their ids. */
  cases: v.optional(v.record(v.string(), caseEdit, "changes by the id of a case"), {}),
  /** Cases that pairing did not find. */
  added: v.optional(v.array(added, "a list of cases with image and mask"), []),
  preprocessing: v.optional(preprocessingSchema, {}),
});

/** What a person changed of a cohort: plain data, kept with it and in `cohort.json`. */
export type CohortSettings = v.InferOutput<typeof schema>;

/** What was changed of one case. */
export type CaseEdit = v.InferOutput<typeof caseEdit>;

/** Nothing changed. */
export const noSettings: CohortSettings = v.parse(schema, {});

/**
 * Settings from unknown data, defaults filled in.
 *
 * @throws PlannerError "cohort" naming the field, its rule and the value
 */
export function parseSettings(value: unknown): CohortSettings {
  return parseAs(schema, value, "cohort settings", "cohort");
}

/**
 * Settings from the text of a `cohort.json`.
 *
 * @throws PlannerError "cohort" when it is not JSON or breaks a rule
 */
export function settingsOfText(text: string): CohortSettings {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new PlannerError("cohort", `cohort.json must be JSON (${messageOf(cause)})`, { cause });
  }
  return parseSettings(value);
}

/** Whether settings change nothing. */
export function areDefault(settings: CohortSettings | undefined): boolean {
  if (!settings) return true;
  const { plane: wanted, volume, cases, added: more, preprocessing } = settings;
  const isUntouched = Object.values(cases).every((edit) => Object.keys(edit).length === 0);
  return (
    wanted === "axial" &&
    volume === undefined &&
    isUntouched &&
    more.length === 0 &&
    isPlain(preprocessing)
  );
}
