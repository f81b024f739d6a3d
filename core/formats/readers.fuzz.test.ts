import fc from "fast-check";
import { deflateSync, gzipSync, zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { codecFrameDecoder } from "../../codecs/codecFrameDecoder.ts";
import { loadCodec } from "../../testing/codecFiles.ts";
import { type DicomElement, dicomBytes, withFragments } from "../../testing/dicomBytes.ts";
import {
  dicomImage,
  dicomSeriesBytes,
  metaImageBytes,
  nrrdBytes,
} from "../../testing/scanBytes.ts";
import { PlannerError } from "../errors.ts";
import { type Affine, voxelCount } from "../volume/grid.ts";
import type { Volume } from "../volume/volume.ts";
import { fillContours, isContours, readContours } from "./dicom/contours.ts";
import { readDicomFile } from "./dicom/dataSet.ts";
import { isSegmentation, readSegmentation } from "./dicom/segmentation.ts";
import { assembleSeries } from "./dicom/series.ts";
import { readMetaImage } from "./metaImage.ts";
import { readNrrd } from "./nrrd.ts";

const affine: Affine = [-0.8, 0, 0, 3, 0, 1.2, 0, 4, 0, 0, 2.5, 5];
const volume = {
  shape: [2, 5, 6] as const,
  spacing: [2.5, 1.2, 0.8] as const,
  affine,
  voxels: Int16Array.from({ length: 60 }, (_, n) => n * 3 - 90),
};
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const join = (...parts: (Uint8Array | string)[]) =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)),
    ),
  );
const plainBytes = new Uint8Array(volume.voxels.buffer);

const nrrd = nrrdBytes(volume);
const headOf = (bytes: Uint8Array, end: string) =>
  text(bytes).slice(0, text(bytes).indexOf(end) + end.length);
const nrrdHead = headOf(nrrd, "\n\n");
const nrrdFiles = [
  nrrd,
  join(nrrdHead.replace("raw", "gzip"), gzipSync(plainBytes)),
  join(nrrdHead.replace("raw", "ascii"), [...volume.voxels].join(" ")),
];
const meta = metaImageBytes(volume);
const metaHead = headOf(meta, "LOCAL\n");
const metaFiles = [
  meta,
  join(
    metaHead.replace("BinaryData =", "CompressedData = True\nBinaryData ="),
    zlibSync(plainBytes),
  ),
  join(metaHead.replace("BinaryData = True", "BinaryData = False"), [...volume.voxels].join(" ")),
];

const decoder = codecFrameDecoder(loadCodec);
const place: DicomElement[] = [
  [0x00200032, "DS", "0\\0\\0"],
  [0x00200037, "DS", "1\\0\\0\\0\\1\\0"],
  [0x00280030, "DS", "1\\1"],
];
/** Two segments of 2 x 4 values: literal bytes, high before low. */
const rleFrame = () => {
  const head = Buffer.alloc(64);
  head.writeUInt32LE(2, 0);
  head.writeUInt32LE(64, 4);
  head.writeUInt32LE(66, 8);
  return join(head, new Uint8Array([0xf9, 0]), new Uint8Array([7, 1, 2, 3, 4, 5, 6, 7, 8]));
};
const group = (tag: number, items: readonly DicomElement[]): DicomElement => [tag, "SQ", [items]];
const frameGroups = [0, 2].map((z): DicomElement[] => [
  group(0x00209113, [[0x00200032, "DS", `0\\0\\${z}`]]),
  group(0x0062000a, [[0x0062000b, "US", 1]]),
]);
const segmentation = dicomBytes([
  [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.66.4"],
  [0x00280008, "IS", "2"],
  [0x00280010, "US", 3],
  [0x00280011, "US", 5],
  [0x00280100, "US", 1],
  [0x00280101, "US", 1],
  [0x00280102, "US", 0],
  [0x00620001, "CS", "BINARY"],
  [
    0x00620002,
    "SQ",
    [
      [
        [0x00620004, "US", 1],
        [0x00620005, "LO", "liver"],
      ],
    ],
  ],
  [
    0x52009229,
    "SQ",
    [
      [
        group(0x00209116, [[0x00200037, "DS", "1\\0\\0\\0\\1\\0"]]),
        group(0x00289110, [
          [0x00180088, "DS", "1"],
          [0x00280030, "DS", "1\\1"],
        ]),
      ],
    ],
  ],
  [0x52009230, "SQ", frameGroups],
  [0x7fe00010, "OB", Uint8Array.of(0xaa, 0x55, 0x0f, 0xf0)],
]);
const contours = dicomBytes([
  [0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.481.3"],
  [
    0x30060020,
    "SQ",
    [
      [
        [0x30060022, "IS", "1"],
        [0x30060026, "LO", "tumour"],
      ],
    ],
  ],
  [
    0x30060039,
    "SQ",
    [
      [
        [
          0x30060040,
          "SQ",
          [
            [
              [0x30060042, "CS", "CLOSED_PLANAR"],
              [0x30060050, "DS", "-3\\-4\\5\\-1\\-4\\5\\-1\\-9\\5"],
            ],
          ],
        ],
        [0x30060084, "IS", "1"],
      ],
    ],
  ],
]);
const dicomFiles = [
  ...dicomSeriesBytes(volume).slice(0, 1),
  withFragments(dicomBytes([...dicomImage(2, 4), ...place], "1.2.840.10008.1.2.5"), [rleFrame()]),
  withFragments(dicomBytes([...dicomImage(2, 4), ...place], "1.2.840.10008.1.2.8.1"), [
    deflateSync(plainBytes.subarray(0, 16)),
  ]),
  segmentation,
  contours,
];

async function readDicom(bytes: Uint8Array): Promise<Volume | null> {
  const file = readDicomFile(bytes);
  if (isContours(file)) return fillContours(readContours(file), volume).volume;
  if (isSegmentation(file)) return (await readSegmentation(file, decoder)).volume;
  const { volumes, problems } = assembleSeries([{ path: "a", file }]);
  for (const { message } of problems) throw new PlannerError("format", message);
  return (await volumes[0]?.read(decoder)) ?? null;
}

/** A volume whose voxels the file can hold, or a `PlannerError`; a hang is a test that times out. */
async function expectSound(bytes: Uint8Array, read: (bytes: Uint8Array) => Promise<Volume | null>) {
  try {
    const found = await read(bytes);
    if (!found) return;
    expect(found.voxels).toHaveLength(voxelCount(found.shape));
    // A bit of a bit-packed mask is the least a voxel takes; deflate makes at most 1032 of one.
    expect(found.voxels.length).toBeLessThanOrEqual(8 * 1032 * bytes.length);
    expect(found.affine.every(Number.isFinite)).toBe(true);
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    expect(error.message).not.toMatch(/undefined|\[object/);
  }
}

const readers: [string, Uint8Array[], (bytes: Uint8Array) => Promise<Volume | null>][] = [
  ["NRRD", nrrdFiles, async (bytes) => readNrrd(bytes, { maxBytes: 10_000 }).volume],
  ["MetaImage", metaFiles, async (bytes) => readMetaImage(bytes, { maxBytes: 10_000 }).volume],
  ["DICOM", dicomFiles, readDicom],
];

describe.each(readers)("%s on damaged files", (_, files, read) => {
  const which = fc.constantFrom(...files);
  const runs = { numRuns: 350 };

  it("reads the files that it damages", async () => {
    for (const file of files) expect(await read(file)).not.toBeNull();
  });

  it("survives truncation", async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(which, share, (file, part) =>
        expectSound(file.subarray(0, Math.floor(part * file.length)), read),
      ),
      runs,
    );
  });

  it("survives flipped bits", async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(which, flips, (file, bits) => {
        const bytes = file.slice();
        for (const [at, bit] of bits) {
          const index = at % bytes.length;
          bytes[index] = (bytes[index] as number) ^ (1 << bit);
        }
        return expectSound(bytes, read);
      }),
      runs,
    );
  });

  it("survives hostile bytes", async () => {
    const byte = fc.constantFrom(0, 1, 9, 0x2d, 0x30, 0x39, 0x5c, 0x7f, 0x80, 0xff);
    const writes = fc.array(fc.tuple(fc.nat(), byte), { minLength: 1, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(which, writes, (file, values) => {
        const bytes = file.slice();
        for (const [at, value] of values) bytes[at % bytes.length] = value;
        return expectSound(bytes, read);
      }),
      runs,
    );
  });

  it("survives numbers that no header should hold", async () => {
    const odd = fc.constantFrom(
      "-1",
      "0",
      "99999999999",
      "1e308",
      "nan",
      "inf",
      "",
      "none",
      "(,,)",
    );
    await fc.assert(
      fc.asyncProperty(which, fc.nat(30), odd, (file, nth, value) => {
        let seen = 0;
        const changed = text(file).replace(/\d+(\.\d+)?/g, (number) => {
          return seen++ === nth ? value : number;
        });
        return expectSound(join(changed), read);
      }),
      runs,
    );
  });
});

describe("DICOM frames that claim too much", () => {
  const claims = [
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.8.1",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
  ];
  it.each(claims)("are refused in %s before memory is taken", async (syntax) => {
    const file = dicomBytes([...dicomImage(65535, 65535), ...place], syntax);
    const frame = join(
      "\xff\xd8\xff\xf7\x00\x0b\x10\xff\xff\xff\xff\x01\x01\x11\x00",
      new Uint8Array(80),
    );
    await expect(readDicom(withFragments(file, [frame]))).rejects.toThrow(PlannerError);
  });

  it("name a transfer syntax that is not read", () => {
    const file = dicomBytes([...dicomImage(2, 2), ...place], "1.2.840.10008.1.2.4.102");
    expect(() => readDicomFile(file)).toThrow("got MPEG-4 AVC/H.264 (1.2.840.10008.1.2.4.102)");
  });
});
