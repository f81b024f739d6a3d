import * as v from "valibot";
import { type ErrorCode, PlannerError } from "./errors.ts";

/**
 * Reads unknown data (a file, a message, a stored record) as `schema` says.
 *
 * Schemas carry their rules as messages ("a number above 0"), so an error reads
 * `densities.1 must be a number above 0, got "much"`.
 *
 * @throws PlannerError with `code`, naming the first broken rule, its path and the value
 */
export function parseAs<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
  code: ErrorCode,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const name = path ? `${what}: ${path}` : what;
  throw new PlannerError(code, `${name} must be ${issue.message}, got ${shown(issue.input)}`);
}

/** A value as it appears in an error: JSON, cut to a line. */
function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Rules shared by the schemas of experiments, results and cohorts. */
export const rules = {
  /** An integer in [min, max]. */
  integer: (min: number, max: number, rule = `an integer from ${min} to ${max}`) =>
    v.pipe(
      v.number(rule),
      v.check((n) => Number.isSafeInteger(n) && n >= min && n <= max, rule),
    ),
  /** A number in (0, 1]. */
  share: (rule = "a number above 0 and at most 1") =>
    v.pipe(
      v.number(rule),
      v.check((n) => n > 0 && n <= 1, rule),
    ),
  /** A finite number in (0, max]. */
  positive: (max: number, rule = `a number above 0 and at most ${max}`) =>
    v.pipe(
      v.number(rule),
      v.check((n) => n > 0 && n <= max, rule),
    ),
  /** One of the names. */
  name: <const N extends readonly [string, ...string[]]>(names: N) =>
    v.picklist(names, `one of ${names.join(", ")}`),
  /** A text of 1 to `max` characters. */
  text: (max: number, rule = `a text of 1 to ${max} characters`) =>
    v.pipe(
      v.string(rule),
      v.check((text) => text.length >= 1 && text.length <= max, rule),
    ),
  /** A list without doubles, at least `min` long. */
  list: <S extends v.GenericSchema>(item: S, min: number, rule: string) =>
    v.pipe(
      v.array(item, rule),
      v.check((list) => list.length >= min && new Set(list).size === list.length, rule),
    ),
} as const;

/** The names of a record of labels, as `rules.name` wants them. */
export function namesOf<L extends Record<string, string>>(labels: L) {
  return Object.keys(labels) as [keyof L & string, ...(keyof L & string)[]];
}
