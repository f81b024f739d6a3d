import { PlannerError } from "#core/errors.ts";
import type { VolumePatch } from "#core/experiment/patchSize.ts";
import type { AugmentationName, Sampling } from "#core/experiment/recipe.ts";
import type { Random } from "#core/random.ts";
import type { Example } from "#core/selection/annotate.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import { augmentPatch, lowestOf, type PatchPlace } from "./augment/augmentPatch.ts";
import type { Batches } from "./batches.ts";
import { voxelsOfClass } from "./voxelsOfClass.ts";

/** How 3D patches are drawn. */
export interface PatchDraw {
  readonly batchSize: number;
  readonly patch: VolumePatch;
  readonly sampling: Sampling;
  /** Background included. */
  readonly classes: number;
  readonly augmentations: readonly AugmentationName[];
}

interface PatchSource {
  readonly example: Example;
  /** Voxels of background, each class, and nobody's; null where every place is as good. */
  readonly voxels: readonly Uint32Array[] | null;
  /** Lowest intensity. */
  readonly lowest: number;
}

/**
 * Batches of 3D patches, for ever. The volume is drawn uniformly, then the class of the
 * patch's centre by the shares of `sampling` (classes that the volume lacks are left out),
 * then a voxel of that class uniformly; the patch is shifted to lie inside the volume. With
 * "uniform" sampling its corner is uniform among all places where it fits.
 *
 * Along an axis where the volume is smaller than the patch it stands in the middle, around it
 * image 0 and class 255, as voxels of unannotated slices have anyway.
 *
 * @returns batches of [batchSize, depth, height, width, 1]
 * @throws PlannerError "experiment" when nothing is known of any volume
 *
 * Source: methods 5.5; MONAI `RandCropByLabelClasses`.
 */
export function patchBatches(
  examples: readonly Example[],
  draw: PatchDraw,
  random: Random,
): Batches {
  const known = examples.filter(({ annotated, known: { classes } }) =>
    annotated.length > 0 ? true : classes.some((one) => one !== UNANNOTATED),
  );
  if (known.length === 0) {
    throw new PlannerError(
      "experiment",
      "training needs at least one annotated slice, got none; raise the density or the volume fraction",
    );
  }
  const sources = known.map((example) => ({
    example,
    lowest: draw.augmentations.length > 0 ? lowestOf(example.image.voxels) : 0,
    voxels:
      draw.sampling === "uniform"
        ? null
        : voxelsOfClass(example.known, draw.classes, random.fork(`voxels ${example.id}`)),
  }));
  return batchesOf(sources, draw, random);
}

function batchesOf(
  sources: readonly PatchSource[],
  { batchSize, patch, sampling, classes, augmentations }: PatchDraw,
  random: Random,
): Batches {
  const patches = random.fork("patches");
  const shares = sharesOf(sampling, classes);
  const places = patch[0] * patch[1] * patch[2];
  return {
    at: (step) => {
      const images = new Float32Array(batchSize * places);
      const labels = new Uint8Array(batchSize * places).fill(UNANNOTATED);
      const stream = patches.fork(`${step}`);
      for (let index = 0; index < batchSize; index++) {
        const source = sources[stream.integer(sources.length)] as PatchSource;
        const corner = cornerOf(source, patch, shares, stream);
        const at = index * places;
        const into = {
          shape: patch,
          image: images.subarray(at, at + places),
          classes: labels.subarray(at, at + places),
        };
        if (augmentations.length === 0) copyPatch(source.example, corner, patch, into);
        else augmentPatch(placeOf(source, corner), augmentations, stream.fork(`${index}`), into);
      }
      return { images, classes: labels };
    },
  };
}

/**
 * Shares of background, each class and unannotated voxels. "balanced" is the paper's rule for
 * one lesion class, its share divided among the classes.
 */
export function sharesOf(sampling: Sampling, classes: number): readonly number[] {
  const targets = classes - 1;
  if (sampling === "uniform") return [];
  if (sampling === "balanced") {
    return [0.3, ...Array.from({ length: targets }, () => 0.55 / targets), 0.15];
  }
  const { background, classes: each, unannotated } = sampling;
  return [background, ...each, unannotated === "background" ? -1 : unannotated];
}

/** Corner of a patch in its volume, may be negative where the volume is smaller. */
function cornerOf(
  { example, voxels }: PatchSource,
  patch: VolumePatch,
  shares: readonly number[],
  random: Random,
): Shape3 {
  const { shape } = example.known;
  const centre = voxels ? centreOf(voxels, shares, shape, random) : null;
  const corner = ([0, 1, 2] as const).map((axis) => {
    const spare = shape[axis] - patch[axis];
    if (spare <= 0) return -Math.floor(-spare / 2);
    if (!centre) return random.integer(spare + 1);
    return Math.min(spare, Math.max(0, centre[axis] - Math.floor(patch[axis] / 2)));
  });
  return corner as unknown as Shape3;
}

/** A voxel of a class drawn by the shares; null when no list of a share above 0 has any. */
function centreOf(
  voxels: readonly Uint32Array[],
  shares: readonly number[],
  [, height, width]: Shape3,
  random: Random,
): Shape3 | null {
  const lists = pooledLists(voxels, shares);
  const total = lists.reduce((sum, { share }) => sum + share, 0);
  if (total === 0) return null;
  let left = random.uniform() * total;
  const chosen = lists.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  const parts = (chosen ?? lists[lists.length - 1])?.parts ?? [];
  let place = random.integer(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) {
    const index = part[place];
    if (index !== undefined) {
      return [
        Math.floor(index / (height * width)),
        Math.floor(index / width) % height,
        index % width,
      ];
    }
    place -= part.length;
  }
  return null;
}

/** Lists that hold voxels and have a share; a share of -1 joins the list to the background. */
function pooledLists(voxels: readonly Uint32Array[], shares: readonly number[]) {
  const nobody = voxels[voxels.length - 1] as Uint32Array;
  const joins = shares[shares.length - 1] === -1;
  return voxels
    .map((list, index) => ({
      share: Math.max(0, shares[index] ?? 0),
      parts: joins && index === 0 ? [list, nobody] : [list],
    }))
    .filter(({ share, parts }) => share > 0 && parts.some(({ length }) => length > 0));
}

function placeOf({ example: { image, known }, lowest }: PatchSource, corner: Shape3): PatchPlace {
  const from = { shape: known.shape, image: image.voxels, classes: known.classes };
  return { from, spacing: image.spacing, corner, lowest };
}

function copyPatch(
  { image, known }: Example,
  corner: Shape3,
  [depth, height, width]: VolumePatch,
  into: { readonly image: Float32Array; readonly classes: Uint8Array },
): void {
  const [planes, rows, columns] = known.shape;
  const from = Math.max(0, corner[2]);
  const to = Math.min(columns, corner[2] + width);
  for (let z = Math.max(0, -corner[0]); z < Math.min(depth, planes - corner[0]); z++) {
    for (let y = Math.max(0, -corner[1]); y < Math.min(height, rows - corner[1]); y++) {
      const line = ((z + corner[0]) * rows + y + corner[1]) * columns;
      const at = (z * height + y) * width + from - corner[2];
      into.image.set(image.voxels.subarray(line + from, line + to), at);
      into.classes.set(known.classes.subarray(line + from, line + to), at);
    }
  }
}
