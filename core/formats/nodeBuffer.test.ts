import { gzipSync } from "fflate";
import { expect, it } from "vitest";
import { spacingOf } from "../volume/affine.ts";
import type { Affine } from "../volume/grid.ts";
import { readNifti } from "./nifti.ts";
import { writeNifti } from "./writeNifti.ts";

const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
const voxels = Int16Array.of(5, -6, 7, 8, 9, 10);
const file = writeNifti({ shape: [1, 2, 3], spacing: spacingOf(affine), affine, voxels });

// Slices of a Buffer share its memory, unlike slices of other byte arrays.
it.each([
  ["plain", file],
  ["gzip", gzipSync(file)],
])("reads a %s file that came as a part of Node's pool of memory", (_, bytes) => {
  const pooled = Buffer.from("some bytes before").buffer;
  const buffer = Buffer.from(bytes);
  expect(pooled.byteLength).toBeGreaterThan(1000);
  expect(buffer.byteOffset).toBeGreaterThan(0);
  const image = readNifti(buffer);
  expect(image.volume.voxels).toEqual(voxels);
  buffer.fill(0);
  expect(image.volume.voxels).toEqual(voxels);
});
