import { PlannerError } from "#core/errors.ts";
import type { LearnedOptions } from "#core/interpolation/interpolationSettings.ts";
import type { Random } from "#core/random.ts";
import { greyScale } from "#core/volume/greyScale.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { sliceOf, type Volume } from "#core/volume/volume.ts";

/** Images by case id; slices of the pool are drawn from them, no mask ever. */
export interface ImageSource {
  readonly ids: readonly string[];
  shapeOf(id: string): Shape3;
  imageOf(id: string): Promise<Volume & { readonly voxels: Float32Array }>;
}

/** Sorted slices of one volume, cropped alike. */
export interface SliceTuple {
  /** Depth indices, ascending; fewer than K where the volume has fewer slices. */
  readonly indices: readonly number[];
  /** Intensities 0 to 255, [height, width] each. */
  readonly slices: readonly Float32Array[];
}

/**
 * Draws tuples for training: a volume, K of its slices inside a window of `maxGap` (K - 1) + 1
 * slices, one crop for all of them, mirrored at random. A slice smaller than the crop is
 * continued by its edge.
 *
 * @throws PlannerError "experiment" when no volume has two slices
 */
export class SliceTuples {
  readonly #source: ImageSource;
  readonly #options: LearnedOptions;
  readonly #size: readonly [height: number, width: number];
  readonly #random: Random;

  constructor(
    source: ImageSource,
    size: readonly [height: number, width: number],
    options: LearnedOptions,
    random: Random,
  ) {
    this.#source = source;
    this.#options = options;
    this.#size = size;
    this.#random = random;
  }

  async next(): Promise<SliceTuple> {
    const random = this.#random;
    for (let attempt = 0; attempt < 1000; attempt++) {
      const { ids } = this.#source;
      const id = ids[random.integer(Math.max(1, ids.length))];
      if (id === undefined) break;
      const image = await this.#source.imageOf(id);
      if (image.shape[0] < 2) continue;
      return this.#cut(image);
    }
    throw new PlannerError(
      "experiment",
      "learned interpolation must see a volume of at least two slices in the training pool, got none",
    );
  }

  #cut(image: Volume & { readonly voxels: Float32Array }): SliceTuple {
    const random = this.#random;
    const { tupleSlices, maxGap } = this.#options;
    const [depth, height, width] = image.shape;
    const count = Math.min(tupleSlices, depth);
    const span = Math.min(depth, Math.max(count, Math.floor(maxGap * (count - 1)) + 1));
    const first = random.integer(depth - span + 1);
    const indices = random
      .permutation(span)
      .slice(0, count)
      .map((index) => first + index)
      .sort((a, b) => a - b);
    const top = random.integer(Math.max(1, height - this.#size[0] + 1));
    const left = random.integer(Math.max(1, width - this.#size[1] + 1));
    const flips = [random.integer(2) === 1, random.integer(2) === 1] as const;
    const grey = greyScale(image);
    return {
      indices,
      slices: indices.map((index) =>
        grey(
          crop(
            sliceOf(image.voxels, image.shape, index),
            [height, width],
            [top, left],
            this.#size,
            flips,
          ),
        ),
      ),
    };
  }
}

function crop(
  slice: Float32Array,
  [height, width]: readonly [number, number],
  [top, left]: readonly [number, number],
  [rows, columns]: readonly [number, number],
  [isFlippedY, isFlippedX]: readonly [boolean, boolean],
): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const y = Math.min(height - 1, top + row);
    const toRow = isFlippedY ? rows - 1 - row : row;
    for (let column = 0; column < columns; column++) {
      const x = Math.min(width - 1, left + column);
      const toColumn = isFlippedX ? columns - 1 - column : column;
      result[toRow * columns + toColumn] = slice[y * width + x] as number;
    }
  }
  return result;
}
