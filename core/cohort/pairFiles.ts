import { messageOf } from "../errors.ts";
import type { Layout, ListedFile, Pair, Pairing, Problem } from "./cohort.ts";
import { grouped } from "./grouped.ts";
import { ignoreLabelOf, labelNamesOf } from "./labelNames.ts";
import { channelOf, layoutReaders, type RoleFile, type RoleGroup, roleFiles } from "./layouts.ts";
import { withPatients } from "./patients.ts";
import { recognizePatients } from "./recognizePatients.ts";

/** Texts of the files that describe a cohort, where it has them. */
export interface CohortTexts {
  /** `dataset.json`: its text, or what it was parsed to. */
  readonly datasetJson?: unknown;
  /** Text of `cases.csv`. */
  readonly casesCsv?: string | undefined;
}

/** Where a folder keeps what describes it, nearest to the top; null: nowhere. */
export function cohortTextPaths(files: readonly ListedFile[]): {
  readonly datasetJson: string | null;
  readonly casesCsv: string | null;
  readonly cohortJson: string | null;
} {
  const nearest = (name: string) =>
    files
      .map(({ path }) => path)
      .filter((path) => path === name || path.endsWith(`/${name}`))
      .sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1))[0] ?? null;
  return {
    datasetJson: nearest("dataset.json"),
    casesCsv: nearest("cases.csv"),
    cohortJson: nearest("cohort.json"),
  };
}

/**
 * Finds images and the masks that belong to them by the names of a folder's files. Files that
 * are not NIfTI, NRRD or MetaImage are passed over; what cannot be paired for sure is a problem in words, never
 * a guess.
 *
 * @returns pairs by id; patients as `cases.csv` says, else as names tell
 */
export function pairFiles(files: readonly ListedFile[], texts: CohortTexts = {}): Pairing {
  const candidates = roleFiles(files.map(({ path }) => path));
  if (candidates.length === 0) {
    return { ...nothingPaired, problems: [nothingFound(files)] };
  }
  const { layout, groups } = arranged(candidates);
  const matches = groups.map((group) => ({ group, ...matched(group) }));
  const problems = matches.flatMap((match) => match.problems);
  const leftOver = leftOverProblem(candidates, groups, layout);
  if (leftOver) problems.push(leftOver);
  const pairs = named(matches);
  const dataset = parsedDataset(texts.datasetJson);
  problems.push(...dataset.problems);
  const labelNames = labelNamesOf(dataset.value);
  const ignoreLabel = ignoreLabelOf(dataset.value);
  const choices = choicesAmong(candidates, groups);
  const found = { layout, labelNames, ignoreLabel, choices };
  if (texts.casesCsv === undefined) {
    const recognized = recognizePatients(pairs);
    problems.push(...recognized.problems);
    return { ...found, pairs: recognized.pairs, problems };
  }
  const path = cohortTextPaths(files).casesCsv ?? "cases.csv";
  const withTheirs = withPatients(pairs, texts.casesCsv, path);
  return { ...found, pairs: withTheirs.pairs, problems: [...problems, ...withTheirs.problems] };
}

/** What pairing finds where there is nothing. */
export const nothingPaired: Pairing = {
  layout: null,
  pairs: [],
  problems: [],
  labelNames: {},
  ignoreLabel: null,
  choices: { images: [], masks: [] },
};

/** Files that a person may make cases of: those in no group may be either. */
function choicesAmong(
  files: readonly RoleFile[],
  groups: readonly RoleGroup[],
): Pairing["choices"] {
  const masks = new Set(groups.flatMap((group) => group.masks));
  const images = new Set(groups.flatMap((group) => group.images));
  const paths = (some: readonly RoleFile[]) => some.map(({ path }) => path);
  return {
    images: paths(files.filter((file) => !masks.has(file))),
    masks: paths(files.filter((file) => !images.has(file))),
  };
}

function nothingFound(files: readonly ListedFile[]): Problem {
  const message =
    files.length === 0
      ? "the folder is empty; choose one with images and masks"
      : `no NIfTI file (.nii, .nii.gz), NRRD (.nrrd) or MetaImage (.mha) among ${files.length} ` +
        "files; choose a folder with images and masks";
  return { severity: "error", message, paths: [] };
}

/** The first layout that fits; without any mask every file is an image. */
function arranged(files: readonly RoleFile[]): { layout: Layout | null; groups: RoleGroup[] } {
  for (const reader of layoutReaders) {
    const groups = reader.groups(files);
    if (groups.length > 0) return { layout: reader.layout, groups };
  }
  const keyOf = ({ stem }: RoleFile) => stem;
  const byFolder = [...grouped(files, ({ folder }) => folder)];
  const groups = byFolder.map(([place, images]) => ({ place, images, masks: [], keyOf }));
  return { layout: null, groups };
}

interface Match {
  readonly key: string;
  readonly image: RoleFile;
  readonly mask: RoleFile | null;
  readonly channels: readonly RoleFile[];
}

function matched(group: RoleGroup): { matches: Match[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const masks = grouped(group.masks, group.keyOf);
  const matches: Match[] = [];
  for (const [key, images] of grouped(group.images, group.keyOf)) {
    const image = oneImage(key, images, problems);
    const found = masks.get(key) ?? [];
    masks.delete(key);
    if (!image) continue;
    if (found.length > 1) problems.push(severalMasks(image, found));
    const mask = found.length === 1 ? (found[0] as RoleFile) : null;
    matches.push({ key, image, mask, channels: images });
    if (found.length === 0) problems.push(noMask(image));
  }
  return { matches: withNearlyNamed(matches, masks, problems), problems };
}

/** How a note ends when nobody chose among channels or time points. */
export const CHANNELS_FIRST = "only the first is used";

/** Whether a problem says that no channel was chosen. */
export function isChannelNote({ message }: Problem): boolean {
  return message.endsWith(CHANNELS_FIRST);
}

/** The image of a key; the first of several channels. */
function oneImage(key: string, images: RoleFile[], problems: Problem[]): RoleFile | null {
  const [first] = images as [RoleFile];
  if (images.length === 1) return first;
  const paths = images.map(({ path }) => path);
  const channels = new Set(images.map(({ stem }) => channelOf(stem, key)));
  if (channels.size === images.length) {
    const message = `${first.path}: ${images.length} channels; ${CHANNELS_FIRST}`;
    problems.push({ severity: "warning", message, paths });
    return first;
  }
  const message = `${images.length} images for one case (${paths.join(", ")}); keep one of them`;
  problems.push({ severity: "error", message, paths });
  return null;
}

function severalMasks({ path }: RoleFile, masks: readonly RoleFile[]): Problem {
  const paths = masks.map((mask) => mask.path);
  const count = masks.length === 2 ? "two" : `${masks.length}`;
  return {
    severity: "error",
    message: `${count} masks for one image (${paths.join(", ")}); keep one of them`,
    paths: [path, ...paths],
  };
}

function noMask({ path }: RoleFile): Problem {
  const message = "image without a mask: it can be planned for, but not learned from";
  return { severity: "warning", message, paths: [path] };
}

/** Gives `a_seg` to `a_t1`, and `mask` to `t1`, when no other image of the folder fits. */
function withNearlyNamed(
  matches: readonly Match[],
  masks: ReadonlyMap<string, RoleFile[]>,
  problems: Problem[],
): Match[] {
  const given = new Map<Match, RoleFile>();
  for (const [key, lonely] of masks) {
    const [mask] = lonely as [RoleFile];
    const fitting = matches.filter((match) => !match.mask && goesOnFrom(match.key, key));
    const [only] = fitting;
    if (only && fitting.length === 1 && lonely.length === 1 && !given.has(only)) {
      given.set(only, mask);
      const at = problems.findIndex(
        ({ severity, paths }) => severity === "warning" && paths.includes(only.image.path),
      );
      if (at >= 0) problems.splice(at, 1);
      continue;
    }
    const several = fitting.length > 1;
    const message = several
      ? `mask could belong to ${fitting.map(({ image }) => image.path).join(", ")}; ` +
        "leave one of them or rename the mask"
      : "mask without an image; add the image or rename one of them";
    problems.push({ severity: "error", message, paths: lonely.map(({ path }) => path) });
  }
  return matches.map((match) => ({ ...match, mask: given.get(match) ?? match.mask }));
}

/** Whether a name begins with another and goes on after a `.`, `_` or `-`. */
function goesOnFrom(name: string, start: string): boolean {
  return start === "" || (name.startsWith(start) && /^[._-]/.test(name.slice(start.length)));
}

function leftOverProblem(
  files: readonly RoleFile[],
  groups: readonly RoleGroup[],
  layout: Layout | null,
): Problem | null {
  const used = new Set(groups.flatMap(({ images, masks }) => [...images, ...masks]));
  // Test images of public challenges come without masks; nobody misses them.
  const paths = files
    .filter((file) => !used.has(file) && !/Ts$/.test(file.folder))
    .map(({ path }) => path);
  if (paths.length === 0) return null;
  const where =
    layout === "nnunet-or-msd" ? "imagesTr and labelsTr" : "the images' and masks' folders";
  const message = `${paths.length} files outside ${where} are left out`;
  return { severity: "warning", message, paths };
}

/** Short ids where they are unique in the cohort, with their folder elsewhere. */
function named(matches: readonly { group: RoleGroup; matches: readonly Match[] }[]): Pair[] {
  const all = matches.flatMap(({ group, matches: found }) =>
    found.map((match) => ({ ...match, place: group.place })),
  );
  const last = (folder: string) => folder.slice(folder.lastIndexOf("/") + 1);
  const short = all.map(({ key, place }) => key || last(place) || "case");
  const areUnique = new Set(short).size === short.length;
  return all
    .map(({ key, place, image, mask, channels }, index): Pair => {
      const qualified = [place, key].filter(Boolean).join("/");
      const id = areUnique ? (short[index] as string) : qualified || "case";
      const pair = { id, patient: id, image: image.path, mask: mask?.path ?? null };
      return channels.length > 1 ? { ...pair, channels: channels.map(({ path }) => path) } : pair;
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parsedDataset(value: unknown): { value: unknown; problems: Problem[] } {
  if (typeof value !== "string") return { value, problems: [] };
  try {
    return { value: JSON.parse(value), problems: [] };
  } catch (error) {
    const message = `dataset.json must be JSON (${messageOf(error)}); labels have no names`;
    return { value: null, problems: [{ severity: "warning", message, paths: ["dataset.json"] }] };
  }
}
