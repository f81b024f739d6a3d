import { basename, resolve } from "node:path";
import type { Problem } from "#core/cohort/cohort.ts";
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
  { json }: { readonly json: boolean },
  { out, log }: Streams,
  signal: StopSignal,
): Promise<boolean> {
  const isTerminal = log.isTTY;
  const { cohort } = await openCohortFolder(resolve(folder), signal, (done, total) => {
    if (isTerminal) log.write(`\rreading ${done} of ${total}${done === total ? "\n" : ""}`);
  });
  const { layout, labelNames, cases } = cohort;
  const pairs = cases.map(({ id, patient, imagePath, maskPath, shape, spacing, labels }) => ({
    id,
    patient,
    image: imagePath,
    mask: maskPath,
    shape,
    spacing,
    labels,
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
      folder: basename(resolve(folder)),
      layout,
      labelNames,
      pairs,
      patients,
      problems,
    };
    out.write(`${JSON.stringify(described, null, 2)}\n`);
  } else {
    out.write(`layout: ${layout ?? "none recognised"}\n`);
    out.write(`${pairs.length} cases of ${patients.length} patients\n`);
    for (const { id, patient, image, mask } of pairs) {
      out.write(`  ${id} (${patient}): ${image} + ${mask ?? "no mask"}\n`);
    }
    for (const { severity, message, paths } of problems) {
      out.write(`${severity}: ${paths.length > 0 ? `${paths.join(", ")}: ` : ""}${message}\n`);
    }
  }
  return problems.every(({ severity }) => severity !== "error");
}
