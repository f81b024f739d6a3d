import { PlannerError } from "#core/errors.ts";
import type { SlicePatch } from "#core/experiment/patchSize.ts";
import type { AugmentationName } from "#core/experiment/recipe.ts";
import type { Random } from "#core/random.ts";
import type { Example } from "#core/selection/annotate.ts";
import type { Spacing3 } from "#core/volume/grid.ts";
import { sliceOf, UNANNOTATED } from "#core/volume/volume.ts";
import type { Batch } from "../engine.ts";
import { augmentPatch, lowestOf } from "./augment/augmentPatch.ts";

/** One slice with its classes; views, no copies. */
interface KnownSlice {
  readonly height: number;
  readonly width: number;
  readonly image: Float32Array;
  readonly classes: Uint8Array;
  readonly spacing: Spacing3;
}

/**
 * The batches of a training. Each depends on its step alone, never on which were asked for
 * before, so that training can go on in its middle.
 */
export interface Batches {
  /** @param step - 0-based */
  at(step: number): Batch;
}

/**
 * Batches of 2D patches, for ever: every slice of which anything is known comes once per
 * epoch, in a new random order each time; a batch may reach over the end of an epoch.
 *
 * A slice larger than the patch is cropped at a random place; a smaller one stands in the
 * middle, around it image 0 and class 255.
 *
 * @returns batches of [batchSize, height, width, 1]
 * @throws PlannerError "experiment" when nothing is known of any slice
 */
export function sliceBatches(
  examples: readonly Example[],
  batchSize: number,
  patch: SlicePatch,
  random: Random,
  augmentations: readonly AugmentationName[] = [],
): Batches {
  const slices = examples.flatMap(knownSlices);
  if (slices.length === 0) {
    throw new PlannerError(
      "experiment",
      "training needs at least one annotated slice, got none; raise the density or the volume fraction",
    );
  }
  return batchesOf(slices, { batchSize, patch, augmentations }, random);
}

interface SliceDraw {
  readonly batchSize: number;
  readonly patch: SlicePatch;
  readonly augmentations: readonly AugmentationName[];
}

function knownSlices({ image, known }: Example): KnownSlice[] {
  const [depth, height, width] = known.shape;
  return Array.from({ length: depth }, (_, index) => ({
    height,
    width,
    spacing: image.spacing,
    image: sliceOf(image.voxels, known.shape, index),
    classes: sliceOf(known.classes, known.shape, index),
  })).filter(({ classes }) => classes.some((one) => one !== UNANNOTATED));
}

function batchesOf(
  slices: readonly KnownSlice[],
  { batchSize, patch, augmentations }: SliceDraw,
  random: Random,
): Batches {
  const sliceAt = shuffledForEver(slices, random.fork("order"));
  const crops = random.fork("crops");
  const places = patch[0] * patch[1];
  return {
    at: (step) => {
      const images = new Float32Array(batchSize * places);
      const classes = new Uint8Array(batchSize * places).fill(UNANNOTATED);
      const random = crops.fork(`${step}`);
      for (let index = 0; index < batchSize; index++) {
        const at = index * places;
        const slice = sliceAt(step * batchSize + index);
        const into = {
          image: images.subarray(at, at + places),
          classes: classes.subarray(at, at + places),
        };
        if (augmentations.length === 0) place(slice, patch, random, into);
        else augment(slice, patch, augmentations, random.fork(`${index}`), into);
      }
      return { images, classes };
    },
  };
}

/** The items in a new order each epoch, by their number counted through all epochs. */
function shuffledForEver<T>(items: readonly T[], random: Random): (index: number) => T {
  let known: { readonly epoch: number; readonly order: readonly number[] } | null = null;
  return (index) => {
    const epoch = Math.floor(index / items.length);
    if (known?.epoch !== epoch) {
      known = { epoch, order: random.fork(`${epoch}`).permutation(items.length) };
    }
    return items[known.order[index % items.length] ?? 0] as T;
  };
}

/** Writes a random crop of a slice, or the whole slice centred, into a patch. */
function place(
  slice: KnownSlice,
  [patchHeight, patchWidth]: SlicePatch,
  random: Random,
  into: Pick<KnownSlice, "image" | "classes">,
): void {
  const rows = overlap(slice.height, patchHeight, random);
  const columns = overlap(slice.width, patchWidth, random);
  for (let row = 0; row < rows.count; row++) {
    const from = (rows.from + row) * slice.width + columns.from;
    const to = (rows.to + row) * patchWidth + columns.to;
    into.image.set(slice.image.subarray(from, from + columns.count), to);
    into.classes.set(slice.classes.subarray(from, from + columns.count), to);
  }
}

/** Writes a randomly changed crop of a slice into a patch. */
function augment(
  slice: KnownSlice,
  [patchHeight, patchWidth]: SlicePatch,
  augmentations: readonly AugmentationName[],
  random: Random,
  into: Pick<KnownSlice, "image" | "classes">,
): void {
  const rows = overlap(slice.height, patchHeight, random);
  const columns = overlap(slice.width, patchWidth, random);
  const place = {
    from: { ...slice, shape: [1, slice.height, slice.width] as const },
    spacing: slice.spacing,
    corner: [0, rows.from - rows.to, columns.from - columns.to] as const,
    lowest: lowestOf(slice.image),
  };
  augmentPatch(place, augmentations, random, { ...into, shape: [1, patchHeight, patchWidth] });
}

/** Where along one axis a slice and its patch share places. */
function overlap(size: number, patch: number, random: Random) {
  const spare = size - patch;
  return spare > 0
    ? { from: random.integer(spare + 1), to: 0, count: patch }
    : { from: 0, to: Math.floor(-spare / 2), count: size };
}
