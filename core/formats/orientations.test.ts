import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codecFrameDecoder } from "../../codecs/codecFrameDecoder.ts";
import { loadCodec } from "../../testing/codecFiles.ts";
import { dicomSeriesBytes, metaImageBytes, nrrdBytes } from "../../testing/scanBytes.ts";
import type { Affine, Shape3 } from "../volume/grid.ts";
import { canonicalVolume, type Turn, turnedVolume } from "../volume/orientation.ts";
import type { Volume } from "../volume/volume.ts";
import { readDicomFile } from "./dicom/dataSet.ts";
import { assembleSeries } from "./dicom/series.ts";
import { readMetaImage } from "./metaImage.ts";
import { readNifti } from "./nifti.ts";
import { readNrrd } from "./nrrd.ts";
import { writeNifti } from "./writeNifti.ts";

type ShortVolume = Volume & { readonly voxels: Int16Array };

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const turns: Turn[] = orders.flatMap((from) =>
  Array.from({ length: 8 }, (_, bits) => ({
    from,
    flipped: [(bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0] as const,
  })),
);

const decoder = codecFrameDecoder(loadCodec);
const formats: [string, (volume: ShortVolume) => Promise<Volume>][] = [
  ["NIfTI", async (volume) => readNifti(writeNifti(volume)).volume],
  ["NRRD", async (volume) => readNrrd(nrrdBytes(volume)).volume],
  ["MetaImage", async (volume) => readMetaImage(metaImageBytes(volume)).volume],
  [
    "DICOM",
    async (volume) => {
      // Names and order of files say nothing.
      const files = dicomSeriesBytes(volume).toReversed();
      const named = files.map((bytes, n) => ({ path: `${n}`, file: readDicomFile(bytes) }));
      const { volumes, problems } = assembleSeries(named);
      expect(problems).toEqual([]);
      return (await volumes[0]?.read(decoder)) as Volume;
    },
  ],
];

/** Turned about z, then x, so that no axis is along a world axis. */
function obliqueAffine(a: number, b: number, [dz, dy, dx]: readonly number[]): Affine {
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  const [x, y, z] = [dx as number, dy as number, dz as number];
  return [
    ca * x,
    -sa * y,
    0,
    7,
    cb * sa * x,
    cb * ca * y,
    -sb * z,
    -30,
    sb * sa * x,
    sb * ca * y,
    cb * z,
    11,
  ];
}

const side = fc.integer({ min: 2, max: 5 });
const mm = fc.double({ min: 0.5, max: 4, noNaN: true });
const angle = fc.double({ min: -0.6, max: 0.6, noNaN: true });

describe.each(formats)("a volume stored in 48 orientations as %s", (_, through) => {
  it("is one and the same in the world", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, side, side),
        fc.tuple(mm, mm, mm),
        angle,
        angle,
        async (sides, spacing, a, b) => {
          const shape: Shape3 = sides;
          const voxels = Int16Array.from(
            { length: shape[0] * shape[1] * shape[2] },
            (_, index) => index * 7 - 50,
          );
          const volume = { shape, spacing, affine: obliqueAffine(a, b, spacing), voxels };
          const expected = canonicalVolume(volume);
          for (const turn of turns) {
            const stored = turnedVolume(volume, turn) as ShortVolume;
            const read = canonicalVolume(await through(stored));
            expect(read.shape).toEqual(expected.shape);
            expect([...read.voxels]).toEqual([...expected.voxels]);
            read.affine.forEach((value, index) => {
              expect(Math.abs(value - (expected.affine[index] as number))).toBeLessThan(1e-4);
            });
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
