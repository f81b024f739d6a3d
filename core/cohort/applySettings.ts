import type { Pair, Pairing, Problem } from "./cohort.ts";
import { isChannelNote } from "./pairFiles.ts";
import type { CaseEdit, CohortSettings } from "./settings.ts";

/**
 * A pairing as a person corrected it. Ids stay with their image, so that an edit finds its
 * case again; edits of cases that are no longer there are said and left alone.
 */
export function applySettings(pairing: Pairing, settings: CohortSettings): Pairing {
  const { cases, added } = settings;
  const { choices } = pairing;
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  const edited = pairing.pairs.map((pair) => {
    const next = editedPair(pair, cases[pair.id], settings);
    if (next.mask !== pair.mask && next.mask !== null) taken.set(next.mask, pair.id);
    return next;
  });
  // A mask that was given to another case is taken from the one that pairing gave it to.
  const pairs: Pair[] = edited.map((pair) => {
    const owner = pair.mask === null ? undefined : taken.get(pair.mask);
    return owner === undefined || owner === pair.id ? pair : { ...pair, mask: null };
  });
  const ids = new Set(pairs.map(({ id }) => id));
  for (const { image, mask, patient } of added) {
    if (!choices.images.includes(image)) {
      problems.push(gone(`an added case has an image that is not among the files: ${image}`));
      continue;
    }
    const id = freeId(image, ids);
    ids.add(id);
    const pair = { id, patient: patient ?? id, image, mask };
    pairs.push(editedPair(pair, cases[id], settings));
  }
  const unknown = Object.keys(cases).filter((id) => !ids.has(id));
  if (unknown.length > 0) {
    problems.push(gone(`settings change cases that are not there: ${unknown.join(", ")}`));
  }
  const missing = pairs.filter(({ mask }) => mask !== null && !choices.masks.includes(mask));
  for (const { id, image, mask } of missing) {
    const message = `the mask chosen for ${id} is not among the files: ${mask}`;
    problems.push({ severity: "error", message, paths: [image] });
  }
  const lost = new Set(missing.map(({ id }) => id));
  return {
    ...pairing,
    pairs: pairs.map((pair) => (lost.has(pair.id) ? { ...pair, mask: null } : pair)),
    problems: [...stillTrue(pairing.problems, pairing.pairs, pairs), ...problems],
  };
}

function editedPair(pair: Pair, edit: CaseEdit | undefined, settings: CohortSettings): Pair {
  const volume = edit?.volume ?? settings.volume;
  const plane = edit?.plane ?? (settings.plane === "axial" ? undefined : settings.plane);
  const channel = volume === undefined ? undefined : pair.channels?.[volume];
  return {
    ...pair,
    image: channel ?? pair.image,
    mask: edit?.mask === undefined ? pair.mask : edit.mask,
    patient: edit?.patient ?? pair.patient,
    ...(volume === undefined ? {} : { volume }),
    ...(plane === undefined ? {} : { plane }),
    ...(edit?.excluded ? { excluded: true } : {}),
  };
}

/** Problems of pairing that an edit did not settle. */
function stillTrue(
  problems: readonly Problem[],
  before: readonly Pair[],
  after: readonly Pair[],
): Problem[] {
  const changed = after.filter((pair) => {
    const old = before.find(({ id }) => id === pair.id);
    return old === undefined || old.mask !== pair.mask || pair.excluded;
  });
  const chosen = after.filter(({ volume, channels }) => volume !== undefined && channels);
  const settledBy = (pairs: readonly Pair[], { paths }: Problem) =>
    pairs.some(({ image, mask, channels }) =>
      paths.some((path) => path === image || path === mask || channels?.includes(path)),
    );
  return problems.filter((problem) =>
    isChannelNote(problem) ? !settledBy(chosen, problem) : !settledBy(changed, problem),
  );
}

function gone(message: string): Problem {
  return { severity: "warning", message, paths: [] };
}

function freeId(image: string, ids: ReadonlySet<string>): string {
  const stem = image.replace(/(\.nii)?(\.\w+)?(\.gz)?$/i, "");
  if (!ids.has(stem)) return stem;
  for (let count = 2; ; count++) if (!ids.has(`${stem} (${count})`)) return `${stem} (${count})`;
}
