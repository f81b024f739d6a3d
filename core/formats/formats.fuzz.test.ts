import fc from "fast-check";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { PlannerError } from "../errors.ts";
import type { Affine } from "../volume/grid.ts";
import { voxelCount } from "../volume/grid.ts";
import { readNifti } from "./nifti.ts";
import { writeNifti } from "./writeNifti.ts";

const affine: Affine = [-0.8, 0, 0.1, 3, 0, 1.2, 0, 4, 0.1, 0, 2.5, 5];
const valid = writeNifti({
  shape: [4, 5, 6],
  spacing: [2.5, 1.2, 0.8],
  affine,
  voxels: Int16Array.from({ length: 120 }, (_, n) => n * 3 - 90),
});

/** A NIfTI-2 header (540 + 4 bytes) of 4 x 3 x 2 bytes. */
function nifti2(): Uint8Array {
  const bytes = new Uint8Array(544 + 24);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 540, true);
  bytes.set([0x6e, 0x2b, 0x32, 0, 13, 10, 26, 10], 4);
  view.setInt16(12, 2, true);
  [3, 4, 3, 2, 1, 1, 1, 1].forEach((count, index) => {
    view.setBigInt64(16 + 8 * index, BigInt(count), true);
  });
  for (let index = 0; index < 8; index++) view.setFloat64(104 + 8 * index, 1, true);
  view.setBigInt64(168, 544n, true);
  return bytes;
}

/** Either a volume whose voxels the file can hold, or a `PlannerError`. */
function expectSound(bytes: Uint8Array, inflatedLimit: number): void {
  let result: ReturnType<typeof readNifti>;
  try {
    result = readNifti(bytes, { maxBytes: inflatedLimit });
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    expect(error.code).toBe("format");
    expect(error.message).not.toMatch(/undefined|\[object/);
    return;
  }
  const { volume } = result;
  expect(volume.voxels).toHaveLength(voxelCount(volume.shape));
  expect(volume.voxels.length).toBeLessThanOrEqual(inflatedLimit);
  expect(volume.affine.every(Number.isFinite)).toBe(true);
  expect(volume.spacing.every((mm) => mm > 0)).toBe(true);
}

const files = fc.constantFrom(valid, nifti2());
const isGzipped = fc.boolean();
const hostile = fc.constantFrom(0, 1, 2, 7, 0x7f, 0x80, 0xff);

describe("readNifti on damaged files", () => {
  it("reads the files it damages", () => {
    expect(readNifti(valid).volume.shape).toEqual([4, 5, 6]);
    expect(readNifti(nifti2()).volume.shape).toEqual([2, 3, 4]);
  });

  it("survives truncation", () => {
    fc.assert(
      fc.property(
        files,
        isGzipped,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (file, gz, share) => {
          const bytes = gz ? gzipSync(file) : file;
          expectSound(bytes.subarray(0, Math.floor(share * bytes.length)), file.length);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("survives flipped bits", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(files, isGzipped, flips, (file, gz, bits) => {
        const bytes = gz ? gzipSync(file) : file.slice();
        for (const [at, bit] of bits) {
          const index = at % bytes.length;
          bytes[index] = (bytes[index] as number) ^ (1 << bit);
        }
        expectSound(bytes, 2 * file.length);
      }),
      { numRuns: 600 },
    );
  });

  it("survives hostile header values, also inside sound gzip data", () => {
    const writes = fc.array(fc.tuple(fc.nat(551), hostile), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(files, isGzipped, writes, (file, gz, values) => {
        const bytes = file.slice();
        for (const [at, value] of values) bytes[at % bytes.length] = value;
        expectSound(gz ? gzipSync(bytes) : bytes, file.length);
      }),
      { numRuns: 800 },
    );
  });

  it("survives hostile dimensions", () => {
    const sides = fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(sides, (values) => {
        const bytes = valid.slice();
        const view = new DataView(bytes.buffer);
        values.forEach((value, index) => {
          view.setInt16(40 + 2 * index, index === 0 ? 1 + (Math.abs(value) % 7) : value, true);
        });
        expectSound(bytes, valid.length);
      }),
      { numRuns: 300 },
    );
  });

  it("survives dimensions of 64 bits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
          minLength: 3,
          maxLength: 3,
        }),
        (sides) => {
          const bytes = nifti2();
          const view = new DataView(bytes.buffer);
          sides.forEach((side, index) => {
            view.setBigInt64(24 + 8 * index, side, true);
          });
          expectSound(bytes, bytes.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("survives bytes of no meaning", () => {
    const start = fc.constantFrom(
      [],
      [0x1f, 0x8b],
      [0x1f, 0x8b, 8, 0],
      [0x5c, 1, 0, 0],
      [0, 0, 2, 0x1c],
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 2000 }), (head, rest) => {
        expectSound(Uint8Array.of(...head, ...rest), 10_000);
      }),
      { numRuns: 400 },
    );
  });
});
