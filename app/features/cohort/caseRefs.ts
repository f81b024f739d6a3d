import type { CaseSummary } from "#core/cohort/cohort.ts";

/** What a name of a file, or one that stands for it, is called on the page. */
export function refText(ref: string, places: Readonly<Record<string, string>>): string {
  const place = places[ref];
  return place === undefined ? ref : `${ref} (${place})`;
}

/** Whether any case has several volumes to choose from. */
export function haveVolumes(cases: readonly CaseSummary[]): boolean {
  return cases.some(({ volumes }) => (volumes ?? 1) > 1);
}
