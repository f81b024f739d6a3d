import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spacingOf } from "../volume/affine.ts";
import type { Affine, Shape3 } from "../volume/grid.ts";
import type { VoxelArray } from "../volume/volume.ts";
import { readNifti } from "./nifti.ts";
import { writeNifti } from "./writeNifti.ts";

const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
const mm = fc.double({ min: 0.2, max: 8, noNaN: true });
const shift = fc.double({ min: -300, max: 300, noNaN: true });

/** Rotations about x, y and z, voxel sizes, a mirror, a shift: every affine without shear. */
const rigidAffine = fc
  .tuple(
    fc.tuple(angle, angle, angle),
    fc.tuple(mm, mm, mm),
    fc.boolean(),
    fc.tuple(shift, shift, shift),
  )
  .map(([[p, q, r], size, isMirrored, origin]): Affine => {
    const [cp, sp, cq, sq] = [Math.cos(p), Math.sin(p), Math.cos(q), Math.sin(q)];
    const [cr, sr] = [Math.cos(r), Math.sin(r)];
    const rotation = [
      [cr * cq, cr * sq * sp - sr * cp, cr * sq * cp + sr * sp],
      [sr * cq, sr * sq * sp + cr * cp, sr * sq * cp - cr * sp],
      [-sq, cq * sp, cq * cp],
    ];
    const scale = [size[0], size[1], isMirrored ? -size[2] : size[2]];
    return rotation.flatMap((row, world) => [
      ...row.map((value, column) => value * (scale[column] as number)),
      origin[world],
    ]) as unknown as Affine;
  });

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
);

function expectClose(actual: Affine, expected: Affine, tolerance: number): void {
  actual.forEach((value, index) => {
    expect(Math.abs(value - (expected[index] as number))).toBeLessThan(tolerance);
  });
}

/** The same file without its sform: readers then take the qform. */
function withoutSform(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setInt16(254, 0, true);
  return copy;
}

describe("writeNifti", () => {
  it("gives volumes that are read back alike, by sform and by qform", () => {
    fc.assert(
      fc.property(rigidAffine, shapes, (affine, shape) => {
        const count = shape[0] * shape[1] * shape[2];
        const voxels = Float32Array.from({ length: count }, (_, n) => n / 3 - 7);
        const bytes = writeNifti({ shape, spacing: spacingOf(affine), affine, voxels });
        const bySform = readNifti(bytes);
        expect(bySform.affineSource).toBe("sform");
        expect(bySform.volume.shape).toEqual(shape);
        expect(bySform.volume.voxels).toEqual(voxels);
        expectClose(bySform.volume.affine, affine, 1e-4);
        const byQform = readNifti(withoutSform(bytes));
        expect(byQform.affineSource).toBe("qform");
        expectClose(byQform.volume.affine, affine, 1e-3);
      }),
    );
  });

  const identity: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
  const grid = (shape: Shape3, affine = identity) => ({
    shape,
    spacing: spacingOf(affine),
    affine,
  });

  it.each<{ voxels: VoxelArray }>([
    { voxels: Uint8Array.of(0, 255) },
    { voxels: Int8Array.of(-128, 127) },
    { voxels: Uint16Array.of(0, 65535) },
    { voxels: Int16Array.of(-32768, 32767) },
    { voxels: Uint32Array.of(0, 4294967295) },
    { voxels: Int32Array.of(-2147483648, 2147483647) },
    { voxels: Float32Array.of(0.1, -1e30) },
    { voxels: Float64Array.of(0.1, -1e300) },
  ])("keeps $voxels", ({ voxels }) => {
    const image = readNifti(writeNifti({ ...grid([1, 1, 2]), voxels }));
    expect(image.volume.voxels).toEqual(voxels);
  });

  it("writes masks as uint8 on their grid", () => {
    const mask = { shape: [1, 2, 2] as const, classes: Uint8Array.of(0, 1, 255, 0) };
    const image = readNifti(writeNifti(mask, grid([1, 2, 2])));
    expect(image.dataType).toBe("uint8");
    expect(image.volume.voxels).toEqual(mask.classes);
  });

  it("leaves a sheared grid without qform", () => {
    const sheared: Affine = [1, 0.3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    const bytes = writeNifti({ ...grid([1, 1, 1], sheared), voxels: Uint8Array.of(1) });
    expectClose(readNifti(bytes).volume.affine, sheared, 1e-6);
    expect(readNifti(withoutSform(bytes)).affineSource).toBe("pixdim");
  });

  it("refuses what the format cannot hold", () => {
    const long = { ...grid([1, 1, 40000]), voxels: new Uint8Array(40000) };
    expect(() => writeNifti(long)).toThrow(
      "shape must be 1 to 32767 voxels along each axis in NIfTI-1, got [1, 1, 40000]",
    );
    const mask = { shape: [1, 1, 2] as const, classes: new Uint8Array(2) };
    expect(() => writeNifti(mask, grid([1, 2, 1]))).toThrow(
      "grid must have the shape of its mask [1, 1, 2], got [1, 2, 1]",
    );
  });
});
