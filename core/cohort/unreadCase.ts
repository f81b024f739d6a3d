import type { CaseSummary, Pair, Problem } from "./cohort.ts";

/** What is known of a case whose image could not be read: its files, and why. */
export function unreadCase(pair: Pair, problems: readonly Problem[]): CaseSummary {
  return {
    id: pair.id,
    patient: pair.patient,
    imagePath: pair.image,
    maskPath: pair.mask,
    shape: null,
    spacing: null,
    orientation: null,
    dataType: null,
    intensity: null,
    labels: [],
    fingerprint: null,
    problems,
    ...(pair.channels ? { volumes: pair.channels.length } : {}),
    ...(pair.volume === undefined ? {} : { volume: pair.volume }),
    ...(pair.plane === undefined ? {} : { plane: pair.plane }),
    ...(pair.excluded ? { excluded: true } : {}),
  };
}
