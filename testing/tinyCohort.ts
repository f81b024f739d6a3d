import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";

const shape = [5, 16, 16] as const;
const grid = {
  shape,
  spacing: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
} as const;

/**
 * Writes a cohort that trains in milliseconds: bright boxes in noise, 5 x 16 x 16, as
 * `imagesTr` and `labelsTr`.
 *
 * @param seed - other voxels for another seed
 */
export function writeTinyCohort(folder: string, cases: number, seed = 0): void {
  for (const part of ["imagesTr", "labelsTr"]) mkdirSync(join(folder, part), { recursive: true });
  for (let index = 0; index < cases; index++) {
    const random = seededRandom(1000 * seed + index);
    const mask = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, place) => {
      const [y, x] = [Math.floor((place % 256) / 16), place % 16];
      return y > 3 && y < 10 + (index % 3) && x > 4 && x < 12 ? 1 : 0;
    });
    const image = Float32Array.from(mask, (one) => 3 * one + random.normal());
    writeFileSync(
      join(folder, "imagesTr", `case${index}.nii`),
      writeNifti({ ...grid, voxels: image }),
    );
    writeFileSync(
      join(folder, "labelsTr", `case${index}.nii`),
      writeNifti({ ...grid, voxels: mask }),
    );
  }
}
