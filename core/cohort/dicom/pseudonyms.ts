import type { DicomValues } from "../../formats/dicom/dataSet.ts";
import { hashText } from "../../hash.ts";

/** Digits of a hash that name a patient: many real ids share them, so nobody is found by them. */
const PATIENT_DIGITS = 5;
const PLACE_DIGITS = 6;

/**
 * Names that stand for patients: the same id gives the same name in every cohort, and the
 * name does not lead back to the id. Patients whose names would be equal get a letter, in the
 * order of their hashes.
 *
 * @param ids - of patients as their files say them
 */
export function patientPseudonyms(ids: Iterable<string>): Map<string, string> {
  const hashed = [...new Set(ids)]
    .map((id) => ({ id, hash: hashText(`patient ${id}`) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const taken = new Map<string, number>();
  return new Map(
    hashed.map(({ id, hash }) => {
      const name = `P-${hash.slice(0, PATIENT_DIGITS)}`;
      const before = taken.get(name) ?? 0;
      taken.set(name, before + 1);
      return [id, before === 0 ? name : `${name}${String.fromCharCode(96 + (before % 26) + 1)}`];
    }),
  );
}

/** A short name for a series, an instance or a path that says nothing of it. */
export function shortHash(text: string): string {
  return hashText(text).slice(0, PLACE_DIGITS);
}

/** What a file says of who was examined, when and where. */
const identifyingTags = [
  "x00100010", // PatientName
  "x00100020", // PatientID
  "x00100030", // PatientBirthDate
  "x00101001", // OtherPatientNames
  "x00080020", // StudyDate
  "x00080050", // AccessionNumber
  "x00080080", // InstitutionName
  "x00080090", // ReferringPhysicianName
  "x00081070", // OperatorsName
];

/** Parts of identifying values, in lower case: what must occur in nothing that is kept. */
export function identifiersOf(values: DicomValues): string[] {
  return identifyingTags
    .flatMap((tag) => textOrNothing(values, tag).split(/[\^\s,;/\\]+/))
    .map((part) => part.toLowerCase())
    .filter((part) => part.length > 2);
}

/** Whether a text holds an identifier. */
export function namesSomebody(text: string, identifiers: ReadonlySet<string>): boolean {
  const lower = text.toLowerCase();
  return [...identifiers].some((part) => lower.includes(part));
}

function textOrNothing(values: DicomValues, tag: string): string {
  try {
    return values.text(tag);
  } catch {
    return "";
  }
}
