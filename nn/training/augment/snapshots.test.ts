import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { unzlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { readNifti } from "#core/formats/nifti.ts";
import { writePng } from "#core/formats/writePng.ts";
import { seededRandom } from "#core/random.ts";
import { sliceOf } from "#core/volume/volume.ts";
import { augmentPatch, lowestOf } from "./augmentPatch.ts";
import type { LabelledGrid } from "./warpPatch.ts";

const cohort = new URL("../../../public/cohorts/hippocampus/", import.meta.url);
const snapshots = fileURLToPath(new URL("snapshots/", import.meta.url));
const side = 64;
const seeds = [1, 2, 3, 4];

/** The middle slice of a volume of the sample cohort. */
function sliceFrom(folder: string) {
  const bytes = readFileSync(new URL(`${folder}/hippocampus_003.nii.gz`, cohort));
  const { shape, voxels } = readNifti(bytes).volume;
  return { shape, slice: sliceOf(voxels, shape, shape[0] >> 1) };
}

/** Four patches beside each other, the mask's border drawn in white. */
function montage(names: Parameters<typeof augmentPatch>[1]): Uint8Array {
  const { shape, slice } = sliceFrom("imagesTr");
  const image = Float32Array.from(slice);
  const classes = Uint8Array.from(sliceFrom("labelsTr").slice, (one) => (one > 0 ? 1 : 0));
  const from = { shape: [1, shape[1], shape[2]] as const, image, classes };
  const corner = [0, -((side - shape[1]) >> 1), -((side - shape[2]) >> 1)] as const;
  const place = { from, spacing: [1, 1, 1] as const, corner, lowest: lowestOf(image) };
  const grey = new Uint8Array(side * side * seeds.length);
  for (const [column, seed] of seeds.entries()) {
    const into: LabelledGrid = {
      shape: [1, side, side],
      image: new Float32Array(side * side),
      classes: new Uint8Array(side * side),
    };
    augmentPatch(place, names, seededRandom(seed), into);
    const scale = 230 / image.reduce((top, one) => Math.max(top, one), 1);
    for (let index = 0; index < side * side; index++) {
      const [y, x] = [Math.floor(index / side), index % side];
      const isBorder =
        into.classes[index] === 1 &&
        (into.classes[index + 1] !== 1 || into.classes[index + side] !== 1);
      const value = isBorder ? 255 : Math.min(230, Math.max(0, (into.image[index] ?? 0) * scale));
      grey[y * side * seeds.length + column * side + x] = value;
    }
  }
  return grey;
}

/** Pixels of a PNG that `writePng` wrote. */
function pixelsOf(file: Uint8Array, height: number, width: number): Uint8Array {
  const text = Buffer.from(file).indexOf("IDAT");
  const length = new DataView(file.buffer, file.byteOffset).getUint32(text - 4);
  const rows = unzlibSync(file.subarray(text + 4, text + 4 + length));
  const grey = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    grey.set(rows.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)), row * width);
  }
  return grey;
}

// UPDATE_PICTURES=1 npx vitest run nn/training/augment draws them anew.
describe("augmented slices of the sample cohort", () => {
  it.each([
    ["none", []],
    ["biasField", ["biasField"]],
    ["elastic", ["elastic"]],
    ["affine", ["affine"]],
    ["flip", ["flip"]],
    ["all", ["biasField", "elastic", "affine", "flip"]],
  ] as const)("look as in the picture of %s", (name, names) => {
    const path = `${snapshots}${name}.png`;
    const grey = montage(names);
    if (process.env["UPDATE_PICTURES"]) {
      mkdirSync(snapshots, { recursive: true });
      writeFileSync(path, writePng(grey, side, side * seeds.length));
    }
    const kept = pixelsOf(new Uint8Array(readFileSync(path)), side, side * seeds.length);
    // A processor may round the last bit of an exponential otherwise.
    const different = grey.filter((value, index) => Math.abs(value - (kept[index] ?? 0)) > 1);
    expect(different.length).toBeLessThanOrEqual(4);
  });
});
