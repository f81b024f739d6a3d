import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFolder } from "../../testing/reference.ts";
import { type Affine, voxelCount, worldOf } from "../volume/grid.ts";
import { axisCodes, canonicalVolume } from "../volume/orientation.ts";
import type { VoxelArray } from "../volume/volume.ts";
import { readNifti } from "./nifti.ts";

const file = (path: string) => new Uint8Array(readFileSync(`${sharedFolder}${path}`));

/** Of many voxels; a matcher would take seconds. */
const isSame = (a: VoxelArray, b: VoxelArray | undefined) =>
  b?.length === a.length && a.every((value, index) => value === b[index]);

interface NibabelCase {
  readonly file: string;
  readonly shape: readonly number[];
  readonly affine: readonly (readonly number[])[];
  readonly axcodes: string;
  readonly voxel_sizes_from_affine: readonly number[];
  readonly data_first12_i_fastest: readonly number[];
  readonly data_last4_i_fastest: readonly number[];
  readonly data_sum: number;
  readonly qform_code: number;
  readonly sform_code: number;
  readonly canonical_ras: {
    readonly shape: readonly number[];
    readonly affine: readonly (readonly number[])[];
    readonly data_first12_i_fastest: readonly number[];
  };
}

const nibabelCases: NibabelCase[] = hasShared
  ? JSON.parse(readFileSync(`${sharedFolder}reference/nifti/manifest.json`, "utf8")).cases
  : [];

function expectAffine(affine: Affine, expected: readonly (readonly number[])[]): void {
  const rows = expected.slice(0, 3).flat();
  affine.forEach((value, index) => {
    expect(value).toBeCloseTo(rows[index] as number, 4);
  });
}

describe.skipIf(!hasShared)("readNifti against nibabel", () => {
  it.each(nibabelCases.filter(({ shape }) => shape.slice(3).every((count) => count === 1)))(
    "$file",
    (expected) => {
      const { volume, affineSource } = readNifti(file(`reference/nifti/${expected.file}`));
      const values = [...volume.voxels];
      expect(volume.shape).toEqual(expected.shape.slice(0, 3).toReversed());
      expected.data_first12_i_fastest.forEach((value, index) => {
        expect(values[index]).toBeCloseTo(value, 4);
      });
      expected.data_last4_i_fastest.forEach((value, index) => {
        expect(values.at(index - 4)).toBeCloseTo(value, 4);
      });
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected.data_sum, 2);
      volume.spacing.forEach((mm, axis) => {
        expect(mm).toBeCloseTo(expected.voxel_sizes_from_affine[2 - axis] as number, 5);
      });
      // Without codes nibabel flips x and centres the volume; the standard does neither.
      if (affineSource === "pixdim") return;
      expect(axisCodes(volume.affine)).toBe(expected.axcodes);
      expectAffine(volume.affine, expected.affine);
      const canonical = canonicalVolume(volume);
      expect(canonical.shape).toEqual(expected.canonical_ras.shape.slice(0, 3).toReversed());
      expectAffine(canonical.affine, expected.canonical_ras.affine);
      expected.canonical_ras.data_first12_i_fastest.forEach((value, index) => {
        expect(canonical.voxels[index]).toBeCloseTo(value, 4);
      });
    },
  );

  it("puts a file without orientation at the origin and says so", () => {
    const image = readNifti(file("reference/nifti/sform_code0_qform_code0.nii"));
    expect(image.affineSource).toBe("pixdim");
    expect(axisCodes(image.volume.affine)).toBe("RAS");
    expect(worldOf(image.volume.affine, 0, 0, 0)).toEqual([0, 0, 0]);
    expect(image.notes.join()).toContain("does not say how it lies in space");
  });

  it("refuses a series and reads one volume of it when asked", () => {
    const expected = nibabelCases.find((one) => one.file === "four_d.nii") as NibabelCase;
    const bytes = file("reference/nifti/four_d.nii");
    expect(() => readNifti(bytes)).toThrow("file must hold one volume, got 2");
    const second = readNifti(bytes, { frame: 1 }).volume;
    expect([...second.voxels.slice(-4)]).toEqual(expected.data_last4_i_fastest);
    expect([...readNifti(bytes, { frame: 0 }).volume.voxels.slice(0, 12)]).toEqual(
      expected.data_first12_i_fastest,
    );
    expect(() => readNifti(bytes, { frame: 2 })).toThrow("frame must be an integer in 0..1, got 2");
  });

  it.each([
    ["int16_slope_inter.nii", Float32Array, true],
    ["int16_slope_zero.nii", Int16Array, false],
    ["int16_slope_nan.nii", Int16Array, false],
    ["int8_labels.nii", Int8Array, false],
    ["uint32.nii", Uint32Array, false],
    ["big_endian_float64.nii", Float64Array, false],
  ] as const)("keeps the stored type of %s unless it is scaled", (name, type, scaled) => {
    const image = readNifti(file(`reference/nifti/${name}`));
    expect(image.volume.voxels).toBeInstanceOf(type);
    expect(image.scaled).toBe(scaled);
  });
});

describe.skipIf(!hasShared)("readNifti on files from the wild", () => {
  const header = (name: string) => file(`data/headers/${name}`);

  it("sees one brain in eight orientations", () => {
    const folder = `${sharedFolder}data/headers/orientations`;
    const brains = readdirSync(folder).map((name) => ({
      code: name.slice(0, 3),
      volume: readNifti(file(`data/headers/orientations/${name}`)).volume,
    }));
    expect(brains).toHaveLength(8);
    const [first] = brains.map(({ volume }) => canonicalVolume(volume));
    for (const { code, volume } of brains) {
      expect(axisCodes(volume.affine)).toBe(code);
      const canonical = canonicalVolume(volume);
      expect(canonical.shape).toEqual(first?.shape);
      expect(axisCodes(canonical.affine)).toBe("RAS");
      // The headers hold float32.
      canonical.affine.forEach((value, index) => {
        expect(Math.abs(value - (first?.affine[index] as number))).toBeLessThan(1e-3);
      });
      expect(isSame(canonical.voxels, first?.voxels)).toBe(true);
    }
  });

  it("reads endian twins alike", () => {
    const big = readNifti(header("nrjs_big.nii.gz")).volume;
    const little = readNifti(header("nrjs_little.nii.gz")).volume;
    expect(isSame(big.voxels, little.voxels)).toBe(true);
    expect(big.affine).toEqual(little.affine);
  });

  it.each([
    "niivue_shear.nii.gz",
    "niivue_minimal.nii.gz",
    "nrjs_avg152T1_LR_nifti2.nii.gz",
    "nibabel_anatomical.nii",
    "nibabel_reoriented_anat_moved.nii",
    "niivue_FLAIR.nii.gz",
    "niivue_lesion.nii.gz",
    "niivue_spmMotor.nii.gz",
    "nibabel_someones_anatomy.nii.gz",
  ])("reads %s", (name) => {
    const { volume } = readNifti(header(name));
    expect(volume.voxels).toHaveLength(voxelCount(volume.shape));
    expect(volume.affine.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ["niivue_ras.hdr", "niivue_ras.img", Uint8Array],
    ["nrjs_air.hdr.gz", "nrjs_air.img.gz", Float32Array],
  ])("reads the pair %s", (head, voxels, type) => {
    const { volume } = readNifti(header(head), { voxels: header(voxels) });
    expect(volume.voxels).toBeInstanceOf(type);
    expect(volume.voxels).toHaveLength(voxelCount(volume.shape));
    const short = header(voxels).subarray(0, 1000);
    expect(() => readNifti(header(head), { voxels: short })).toThrow(/ends early|cut off/);
  });

  it.each([["niivue_pcasl.nii.gz"], ["nrjs_5D_small.nii"], ["nibabel_example4d.nii.gz"]])(
    "reads every volume of %s when asked",
    (name) => {
      const first = readNifti(header(name), { frame: 0 });
      const last = readNifti(header(name), { frame: first.frames - 1 });
      expect(last.volume.shape).toEqual(first.volume.shape);
      expect(isSame(last.volume.voxels, first.volume.voxels)).toBe(false);
    },
  );

  it.each([
    ["niivue_complex.nii.gz", "got complex64"],
    ["niivue_ct_perfusion.nii.gz", "got RGB24 (colour)"],
    ["nrjs_not-nifti.nii", "file must be NIfTI"],
    ["niivue_pcasl.nii.gz", "file must hold one volume"],
    ["nibabel_example4d.nii.gz", "file must hold one volume, got 2"],
    ["nrjs_5D_small.nii", "file must hold one volume"],
    ["niivue_ras.hdr", "NIfTI header"],
    ["nrjs_air.hdr.gz", "NIfTI header"],
  ])("refuses %s in words", (name, words) => {
    expect(() => readNifti(header(name))).toThrow(words);
  });
});

/** A header of 352 bytes and voxels, little-endian; tests break one field at a time. */
function niftiFile(dataType: number, shape: readonly number[], voxels: ArrayBuffer): Uint8Array {
  const bytes = new Uint8Array(352 + voxels.byteLength);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [shape.length, ...shape].forEach((count, index) => {
    view.setInt16(40 + 2 * index, count, true);
  });
  view.setInt16(70, dataType, true);
  [1, 1, 1, 1].forEach((size, index) => {
    view.setFloat32(76 + 4 * index, size, true);
  });
  view.setFloat32(108, 352, true);
  bytes.set([0x6e, 0x2b, 0x31, 0], 344);
  bytes.set(new Uint8Array(voxels), 352);
  return bytes;
}

describe("readNifti", () => {
  it.each([
    { name: "bytes", values: [0n, 255n], type: Uint8Array },
    { name: "signed bytes", values: [-128n, 127n], type: Int8Array },
    { name: "16 bits", values: [0n, 65535n], type: Uint16Array },
    { name: "signed 16 bits", values: [-1n, 1000n], type: Int16Array },
    { name: "32 bits", values: [0n, 4294967295n], type: Uint32Array },
    { name: "signed 32 bits", values: [-1n, 100000n], type: Int32Array },
    { name: "more", values: [-1n, 2n ** 53n], type: Float64Array },
  ])("narrows int64 that fit in $name", ({ values, type }) => {
    const bytes = niftiFile(1024, [2, 1, 1], BigInt64Array.from(values).buffer);
    const { volume, dataType } = readNifti(bytes);
    expect(dataType).toBe("int64");
    expect(volume.voxels).toBeInstanceOf(type);
    expect([...volume.voxels]).toEqual(values.map(Number));
  });

  it("reads uint64 above 2^63", () => {
    const { volume } = readNifti(niftiFile(1280, [1, 1, 1], BigUint64Array.of(2n ** 63n).buffer));
    expect([...volume.voxels]).toEqual([2 ** 63]);
  });

  it("accepts a plane as a volume of one slice and voxels right after the header", () => {
    const bytes = niftiFile(2, [3, 2], Uint8Array.of(1, 2, 3, 4, 5, 6).buffer);
    new DataView(bytes.buffer).setFloat32(108, 0, true);
    const { volume } = readNifti(bytes);
    expect(volume.shape).toEqual([1, 2, 3]);
    expect([...volume.voxels]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("turns metres into mm", () => {
    const bytes = niftiFile(2, [1, 1, 1], new ArrayBuffer(1));
    bytes[123] = 1;
    const { volume, notes } = readNifti(bytes);
    expect(volume.spacing).toEqual([1000, 1000, 1000]);
    expect(notes).toContain("lengths were stored in metres");
  });

  it("reads bytes that are a part of a larger buffer", () => {
    const bytes = niftiFile(4, [2, 1, 1], Int16Array.of(-7, 300).buffer);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect([...readNifti(larger.subarray(3)).volume.voxels]).toEqual([-7, 300]);
    expect([...readNifti(gzipSync(bytes)).volume.voxels]).toEqual([-7, 300]);
  });

  const broken: [string, (view: DataView) => void, string][] = [
    ["no dimensions", (view) => view.setInt16(40, 0, true), "dim[0] must be an integer from 2"],
    ["too many dimensions", (view) => view.setInt16(40, 8, true), "from 2 to 7, got 8"],
    [
      "a side of 0",
      (view) => view.setInt16(44, 0, true),
      "dim[2] must be a positive integer, got 0",
    ],
    ["a negative side", (view) => view.setInt16(46, -3, true), "dim[3] must be a positive integer"],
    ["more voxels than bytes", (view) => view.setInt16(42, 30000, true), "NIfTI data ends early"],
    ["an unknown type", (view) => view.setInt16(70, 3, true), "got data type code 3"],
    ["voxels in the header", (view) => view.setFloat32(108, 100, true), "vox_offset must be"],
    ["voxels at NaN", (view) => view.setFloat32(108, Number.NaN, true), "vox_offset must be"],
    ["voxels past the end", (view) => view.setFloat32(108, 1e9, true), "NIfTI data ends early"],
    ["no voxel size", (view) => view.setFloat32(80, 0, true), "pixdim[1] must be a voxel size"],
    [
      "a NaN affine",
      (view) => {
        view.setInt16(254, 1, true);
        view.setFloat32(280, Number.NaN, true);
      },
      "the affine (sform) must be finite numbers",
    ],
    [
      "a flat affine",
      (view) => view.setInt16(254, 1, true),
      "the affine (sform) must give voxels a volume",
    ],
    [
      "a NaN quaternion",
      (view) => {
        view.setInt16(252, 1, true);
        view.setFloat32(256, Number.NaN, true);
      },
      "the affine (qform) must be finite numbers",
    ],
    [
      "a slope without intercept",
      (view) => {
        view.setFloat32(112, 2, true);
        view.setFloat32(116, Number.NaN, true);
      },
      "scl_inter must be a finite number",
    ],
    ["a pair's mark", (view) => view.setUint8(345, 0x69), "got a pair (.hdr and .img)"],
    ["no mark", (view) => view.setUint8(344, 0), "perhaps Analyze 7.5"],
  ];
  it.each(broken)("refuses %s", (_, damage, words) => {
    const bytes = niftiFile(4, [2, 2, 2], new ArrayBuffer(16));
    damage(new DataView(bytes.buffer));
    expect(() => readNifti(bytes)).toThrow(words);
  });

  it.each([0, 3, 4, 100, 351])("refuses the first %d bytes of a file", (length) => {
    const bytes = niftiFile(4, [2, 2, 2], new ArrayBuffer(16)).subarray(0, length);
    expect(() => readNifti(bytes)).toThrow(/file must be NIfTI|header ends early/);
  });
});
