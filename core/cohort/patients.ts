import { PlannerError } from "../errors.ts";
import type { Pair, Problem } from "./cohort.ts";
import { withoutExtension } from "./layouts.ts";

/** Pairs with their patients, and what is wrong with the list of patients. */
export interface PatientsOfPairs {
  readonly pairs: readonly Pair[];
  readonly problems: readonly Problem[];
}

/**
 * Gives every pair the patient that `cases.csv` names. Pairs that it does not name stay
 * patients of their own, and a warning says so.
 *
 * @param csv - text with columns `case` and `patient`, see `parsePatients`
 * @param path - of the file, for problems
 */
export function withPatients(pairs: readonly Pair[], csv: string, path: string): PatientsOfPairs {
  const paths = [path];
  let patients: ReadonlyMap<string, string>;
  try {
    patients = parsePatients(csv);
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    return { pairs, problems: [{ severity: "error", message: error.message, paths }] };
  }
  const known = new Set(pairs.map(({ id }) => id));
  const unknown = [...patients.keys()].filter((id) => !known.has(id));
  const missing = pairs.filter(({ id }) => !patients.has(id));
  const problems: Problem[] = [];
  if (unknown.length > 0) {
    const message = `cases.csv names cases that are not in the folder: ${listed(unknown)}`;
    problems.push({ severity: "warning", message, paths });
  }
  if (missing.length > 0) {
    const message =
      `cases.csv does not name ${listed(missing.map(({ id }) => id))}; ` +
      "each of them counts as a patient of its own";
    problems.push({ severity: "warning", message, paths });
  }
  return {
    pairs: pairs.map((pair) => ({ ...pair, patient: patients.get(pair.id) ?? pair.patient })),
    problems,
  };
}

/**
 * Patient by case from a table with columns `case` and `patient`; other columns are passed
 * over. Fields may be quoted, lines may end as on any system, a comma, a semicolon or a tab
 * separates.
 *
 * @throws PlannerError "cohort" naming the line that breaks a rule
 */
export function parsePatients(csv: string): Map<string, string> {
  const text = csv.replace(/^\ufeff/, "");
  const firstLine = text.split(/[\r\n]/, 1)[0] as string;
  const separator = [";", "\t"].find((one) => firstLine.includes(one)) ?? ",";
  const [header, ...rows] = csvRows(text, separator);
  const columns = header?.fields.map((field) => field.trim().toLowerCase()) ?? [];
  const caseColumn = columns.indexOf("case");
  const patientColumn = columns.indexOf("patient");
  if (caseColumn < 0 || patientColumn < 0) {
    throw wrong(header?.line ?? 1, `columns must include case and patient, got ${shown(columns)}`);
  }
  const patients = new Map<string, string>();
  for (const { line, fields } of rows) {
    if (fields.length !== columns.length) {
      throw wrong(line, `a row must have ${columns.length} fields, got ${fields.length}`);
    }
    const id = withoutExtension((fields[caseColumn] as string).trim());
    const patient = (fields[patientColumn] as string).trim();
    if (id === "" || patient === "") throw wrong(line, "case and patient must not be empty");
    const other = patients.get(id);
    if (other !== undefined && other !== patient) {
      throw wrong(line, `case ${id} must have one patient, got ${other} and ${patient}`);
    }
    patients.set(id, patient);
  }
  return patients;
}

interface Row {
  /** 1-based line on which it starts. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Rows of a table in the sense of RFC 4180; empty lines are passed over. */
function csvRows(text: string, separator: string): Row[] {
  const rows: Row[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const start = line;
    const fields: string[] = [];
    let ending = separator;
    while (ending === separator) {
      const field = readField(text, at, separator, line);
      fields.push(field.value);
      line = field.line;
      ending = text[field.end] ?? "";
      at = field.end + 1;
    }
    if (ending === "\r" && text[at] === "\n") at++;
    line++;
    if (fields.some((field) => field.trim() !== "")) rows.push({ line: start, fields });
  }
  return rows;
}

function readField(text: string, start: number, separator: string, firstLine: number) {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && !isEnd(text[end] as string, separator)) end++;
    return { value: text.slice(start, end), end, line: firstLine };
  }
  let value = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw wrong(firstLine, "a quoted field must end with a quote, got none");
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    value += '"';
    at++;
  }
  if (at < text.length && !isEnd(text[at] as string, separator)) {
    throw wrong(firstLine, `a quoted field must end a field, got ${text[at]} after it`);
  }
  return { value, end: at, line: firstLine + value.split(/\r\n|\r|\n/).length - 1 };
}

function isEnd(character: string, separator: string): boolean {
  return character === separator || character === "\n" || character === "\r";
}

function wrong(line: number, rule: string): PlannerError {
  return new PlannerError("cohort", `cases.csv, line ${line}: ${rule}`);
}

function shown(columns: readonly string[]): string {
  const text = columns.join(", ");
  return text.length > 80 ? `${text.slice(0, 77)}...` : text || "nothing";
}

/** The first few names and how many more there are. */
function listed(names: readonly string[]): string {
  const more = names.length - 5;
  return names.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
