import { resolve } from "node:path";
import type { Cohort, Problem } from "#core/cohort/cohort.ts";
import { grouped } from "#core/cohort/grouped.ts";
import type { StopSignal } from "#core/context.ts";
import { openCohortFolder } from "./cohortFolder.ts";
import type { Streams } from "./command.ts";

/**
 * Says what a folder is recognised as: layout, pairs, patients, and everything wrong with it.
 * Every file is read.
 *
 * @returns whether no problem is an error
 * @throws PlannerError "cohort" when the folder cannot be read or holds no case
 */
export async function describeCohort(
  folder: string,
  { json, settings }: { readonly json: boolean; readonly settings?: string | undefined },
  { out, log }: Streams,
  signal: StopSignal,
): Promise<boolean> {
  const isTerminal = log.isTTY;
  const { cohort, places } = await openCohortFolder(resolve(folder), {
    signal,
    settings,
    read: (done, total) => {
      if (isTerminal) log.write(`\rreading ${done} of ${total}${done === total ? "\n" : ""}`);
    },
  });
  const { layout, labelNames, cases } = cohort;
  const pairs = cases.map((one) => ({
    id: one.id,
    patient: one.patient,
    image: one.imagePath,
    mask: one.maskPath,
    shape: one.shape,
    spacing: one.spacing,
    labels: one.labels,
    ...(one.volumes === undefined ? {} : { volumes: one.volumes, volume: one.volume ?? 0 }),
    ...(one.excluded ? { excluded: true } : {}),
  }));
  const patients = [...grouped(cases, ({ patient }) => patient)].map(([patient, own]) => ({
    patient,
    cases: own.map(({ id }) => id),
  }));
  const problems: readonly Problem[] = [
    ...cohort.problems,
    ...cases.flatMap((one) => one.problems),
  ];
  if (json) {
    const described = {
      folder: cohort.name,
      layout,
      labelNames,
      ...(cohort.ignoreLabel === undefined ? {} : { ignoreLabel: cohort.ignoreLabel }),
      ...(cohort.settings ? { settings: cohort.settings } : {}),
      pairs,
      patients,
      problems,
    };
    out.write(`${JSON.stringify(described, null, 2)}\n`);
  } else {
    const named = (ref: string) => {
      const place = places.get(ref);
      return place === undefined ? ref : `${ref} (${place})`;
    };
    out.write(inWords(cohort, patients.length, named));
  }
  return problems.every(({ severity }) => severity !== "error");
}

/** @param named - a path with the place it stands for, where it stands for one */
function inWords(
  { layout, cases, problems }: Cohort,
  patients: number,
  named: (ref: string) => string,
): string {
  const lines = [
    `layout: ${layout ?? "none recognised"}`,
    `${cases.length} cases of ${patients} patients`,
    ...cases.map(({ id, patient, imagePath, maskPath, excluded }) => {
      const mask = maskPath === null ? "no mask" : named(maskPath);
      return `  ${id} (${patient}): ${named(imagePath)} + ${mask}${excluded ? ", left out" : ""}`;
    }),
    ...[...problems, ...cases.flatMap((one) => one.problems)].map(
      ({ severity, message, paths }) => {
        const where = paths.length > 0 ? `${paths.map(named).join(", ")}: ` : "";
        return `${severity}: ${where}${message}`;
      },
    ),
  ];
  return `${lines.join("\n")}\n`;
}
