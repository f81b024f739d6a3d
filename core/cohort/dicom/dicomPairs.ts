import type { Pair, Problem } from "../cohort.ts";
import { grouped } from "../grouped.ts";
import { CHANNELS_FIRST } from "../pairFiles.ts";
import type { DicomImage, DicomMask, DicomPatient } from "./dicomPatient.ts";

/** Pairs of one patient, and what is wrong with them. */
export interface DicomPairs {
  readonly pairs: readonly Pair[];
  readonly problems: readonly Problem[];
}

/**
 * Gives each mask of a patient the images it was drawn on: those that it names, else those of
 * its frame of reference, else the only ones there are. Where several fit, as the time points
 * of one series, the first is taken and a warning says so.
 */
export function dicomPairs(patient: string, found: DicomPatient): DicomPairs {
  const problems: Problem[] = [];
  const groups = [...grouped(found.images, placeOf).values()];
  const given = new Map<readonly DicomImage[], { mask: DicomMask; image: DicomImage }[]>();
  for (const mask of found.masks) {
    const fitting = imagesOf(mask, found);
    const [first] = fitting;
    const group = groups.find((images) => first && images.includes(first));
    if (!first || !group) {
      const message = "mask without the images it was drawn on; add them, or choose it for a case";
      problems.push({ severity: "error", message, paths: [mask.ref] });
      continue;
    }
    given.set(group, [...(given.get(group) ?? []), { mask, image: first }]);
    const elsewhere = fitting.filter((image) => !group.includes(image));
    if (elsewhere.length > 0) problems.push(severalImages(mask, fitting));
  }
  const pairs = groups.map((group): Pair => {
    const drawn = given.get(group) ?? [];
    const image = drawn[0]?.image ?? (group[0] as DicomImage);
    if (drawn.length > 1) problems.push(severalMasks(image, drawn));
    if (drawn.length === 0) problems.push(noMask(image));
    const mask = drawn.length === 1 ? (drawn[0]?.mask.ref ?? null) : null;
    const id = (group[0] as DicomImage).ref.replaceAll("/", "_").replace(/_t\d+$/, "");
    const pair = { id, patient, image: image.ref, mask };
    if (group.length === 1) return pair;
    if (image === group[0]) problems.push(firstTime(group));
    return { ...pair, channels: group.map(({ ref }) => ref) };
  });
  return { pairs, problems };
}

/** What the time points of one series have in common. */
function placeOf({ ref, series, times, grid }: DicomImage): string {
  return times === 1 ? ref : JSON.stringify([series, times, grid.shape, grid.affine]);
}

function firstTime(images: readonly DicomImage[]): Problem {
  const message = `${images.length} time points at one place: ${CHANNELS_FIRST}`;
  return { severity: "warning", message, paths: images.map(({ ref }) => ref) };
}

function imagesOf(mask: DicomMask, { images, instanceOf }: DicomPatient): DicomImage[] {
  const named = images.filter(({ series }) => mask.series.includes(series));
  const exact = named.filter(({ paths }) =>
    paths.some((path) => mask.instances.has(instanceOf.get(path) ?? "")),
  );
  if (exact.length > 0) return exact;
  if (named.length > 0) return named;
  const together = images.filter(
    ({ frameOfReference }) => frameOfReference !== "" && frameOfReference === mask.frameOfReference,
  );
  if (together.length > 0) return together;
  return new Set(images.map(({ series }) => series)).size === 1 ? [...images] : [];
}

function severalImages({ ref }: DicomMask, images: readonly DicomImage[]): Problem {
  const names = images.map((image) => image.ref).join(", ");
  const message =
    `mask could belong to ${images.length} volumes (${names}); the first is used, choose another ` +
    "in the table of cases";
  return { severity: "warning", message, paths: [ref] };
}

function severalMasks(
  { ref }: DicomImage,
  drawn: readonly { readonly mask: DicomMask }[],
): Problem {
  const names = drawn.map(({ mask }) => mask.ref);
  const message = `${drawn.length} masks for one image (${names.join(", ")}); choose one of them`;
  return { severity: "error", message, paths: [ref, ...names] };
}

function noMask({ ref }: DicomImage): Problem {
  const message = "image without a mask: it can be planned for, but not learned from";
  return { severity: "warning", message, paths: [ref] };
}
