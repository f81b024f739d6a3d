import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { annotate, type Example } from "#core/selection/annotate.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { UNANNOTATED } from "#core/volume/volume.ts";
import { type PatchDraw, patchBatches, sharesOf } from "./patchBatches.ts";
import { voxelsOfClass } from "./voxelsOfClass.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;

/** A volume whose voxels are their flat index, class 1 in one corner and class 2 in another. */
function exampleOf(shape: Shape3, annotated: readonly number[], id = "a"): Example {
  const [depth, height, width] = shape;
  const voxels = Float32Array.from({ length: depth * height * width }, (_, index) => index);
  const classes = Uint8Array.from(voxels, (index) => {
    const [y, x] = [Math.floor(index / width) % height, index % width];
    return y < 2 && x < 2 ? 1 : y >= height - 1 && x >= width - 1 ? 2 : 0;
  });
  const image = { shape, spacing: [1, 1, 1] as const, affine, voxels };
  return annotate({ id, patient: id, image, mask: { shape, classes } }, annotated);
}

const draw: PatchDraw = {
  batchSize: 2,
  patch: [4, 6, 5],
  sampling: "balanced",
  classes: 3,
  augmentations: [],
};

function take(examples: readonly Example[], change: Partial<PatchDraw>, batches: number) {
  const all = patchBatches(examples, { ...draw, ...change }, seededRandom(3));
  return Array.from({ length: batches }, (_, step) => all.at(step));
}

describe("patchBatches", () => {
  const example = exampleOf([12, 20, 16], [2, 7, 11]);

  it("cuts image and classes from the same place, unannotated slices as 255", () => {
    for (const { images, classes } of take([example], {}, 20)) {
      for (const [place, value] of images.entries()) {
        const index = value;
        expect(classes[place]).toBe(example.known.classes[index]);
        const [z, y, x] = [Math.floor(place / 30) % 4, Math.floor(place / 5) % 6, place % 5];
        const corner = images[place - z * 30 - y * 5 - x] ?? 0;
        expect(index - corner).toBe((z * 20 + y) * 16 + x);
      }
    }
  });

  it("centres patches on classes by their shares", () => {
    const sampling = { background: 0, classes: [0, 1], unannotated: 0 } as const;
    const patches = take([example], { sampling: { ...sampling, classes: [0, 1] } }, 40);
    for (const { classes } of patches) {
      for (const half of [classes.subarray(0, 120), classes.subarray(120)]) {
        expect(half).toContain(2);
      }
    }
  });

  it("leaves out classes that a volume lacks, and takes nobody's voxels when told to", () => {
    const only = { background: 0, classes: [0, 0], unannotated: 1 };
    const patches = take([example], { sampling: only, patch: [1, 1, 1] }, 50);
    expect(patches.every(({ classes }) => classes.every((one) => one === UNANNOTATED))).toBe(true);
    const dense = exampleOf([3, 8, 8], [0, 1, 2]);
    const [first] = take([dense], { sampling: only, patch: [1, 1, 1] }, 1);
    expect(first?.classes.every((one) => one !== UNANNOTATED)).toBe(true);
  });

  it("counts unannotated voxels as background when told to", () => {
    const joined = { background: 1, classes: [0, 0], unannotated: "background" as const };
    const labels = take([example], { sampling: joined, patch: [1, 1, 1] }, 200).flatMap(
      ({ classes }) => [...classes],
    );
    const nobody = labels.filter((one) => one === UNANNOTATED).length / labels.length;
    // 9 of 12 slices are unannotated.
    expect(nobody).toBeGreaterThan(0.65);
    expect(nobody).toBeLessThan(0.85);
    expect(new Set(labels)).toEqual(new Set([0, UNANNOTATED]));
  });

  it("draws corners uniformly when told to, from the first to the last that fits", () => {
    const corners = take([example], { sampling: "uniform", batchSize: 1 }, 600).map(
      ({ images }) => images[0] ?? 0,
    );
    const depths = new Set(corners.map((index) => Math.floor(index / 320)));
    expect([...depths].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("puts a volume smaller than the patch in its middle, around it nothing known", () => {
    const small = exampleOf([2, 3, 16], [0, 1]);
    const [batch] = take([small], { sampling: "uniform", batchSize: 1, patch: [4, 6, 5] }, 1);
    const rows = Array.from({ length: 4 }, (_, z) =>
      Array.from({ length: 6 }, (_, y) => batch?.classes[(z * 6 + y) * 5] !== UNANNOTATED),
    );
    const inside = [false, true, true, true, false, false];
    const outside = inside.map(() => false);
    expect(rows).toEqual([outside, inside, inside, outside]);
  });

  it("makes each batch of its step alone", () => {
    const whole = patchBatches([example], draw, seededRandom(5));
    for (const step of [0, 1, 2]) whole.at(step);
    expect(patchBatches([example], draw, seededRandom(5)).at(3)).toEqual(whole.at(3));
  });

  it("gives the same patches again, and others for another seed", () => {
    const of = (seed: number) => patchBatches([example], draw, seededRandom(seed)).at(0);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it("refuses volumes of which nothing is known", () => {
    expect(() => patchBatches([exampleOf([3, 8, 8], [])], draw, seededRandom(1))).toThrow(
      "training needs at least one annotated slice, got none",
    );
  });
});

describe("sharesOf", () => {
  it.each([
    { sampling: "balanced", classes: 2, expected: [0.3, 0.55, 0.15] },
    { sampling: "balanced", classes: 3, expected: [0.3, 0.275, 0.275, 0.15] },
    {
      sampling: { background: 0.2, classes: [0.5, 0.3], unannotated: "background" },
      classes: 3,
      expected: [0.2, 0.5, 0.3, -1],
    },
  ] as const)(
    "of $sampling over $classes classes is $expected",
    ({ sampling, classes, expected }) => {
      const own =
        typeof sampling === "object" ? { ...sampling, classes: [...sampling.classes] } : sampling;
      expect(sharesOf(own, classes)).toEqual(expected);
    },
  );
});

describe("voxelsOfClass", () => {
  it("lists every voxel of few, and an even part of many", () => {
    const shape = [3, 300, 400] as const;
    const classes = new Uint8Array(360_000).fill(0);
    classes.set([1, 1, UNANNOTATED], 5);
    const [background, one, nobody] = voxelsOfClass({ shape, classes }, 2, seededRandom(1));
    expect([...(one ?? [])]).toEqual([5, 6]);
    expect([...(nobody ?? [])]).toEqual([7]);
    expect(background).toHaveLength(100_000);
    expect(new Set(background).size).toBe(100_000);
    const last = [...(background ?? [])].filter((index) => index >= 240_000).length;
    expect(Math.abs(last / 100_000 - 1 / 3)).toBeLessThan(0.01);
  });
});
