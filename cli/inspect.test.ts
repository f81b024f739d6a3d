import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { dicomSeriesBytes, nrrdBytes } from "../testing/scanBytes.ts";
import type { Streams } from "./command.ts";
import { type InspectOptions, inspect } from "./inspect.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slicewise-inspect-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const volume = {
  shape: [2, 3, 4] as const,
  spacing: [2, 1, 1] as const,
  affine: [-1, 0, 0, 10, 0, -1, 0, 20, 0, 0, 2, -5] as const,
  voxels: Int16Array.from({ length: 24 }, (_, n) => n - 4),
};
const write = (path: string, bytes: Uint8Array) => {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), bytes);
  return join(folder, path);
};

async function run(paths: string[], options: Partial<InspectOptions> = {}) {
  const text = { out: "", log: "" };
  const stream = (name: "out" | "log") =>
    Object.assign(new PassThrough(), {
      write: (part: string) => {
        text[name] += part;
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const streams: Streams = { out: stream("out"), log: stream("log") };
  const isDone = await inspect(paths, { at: [], json: true, ...options }, streams);
  return { isDone, ...text };
}

describe("inspect", () => {
  it("describes one scan alike whatever its format", async () => {
    const nifti = write("a.nii", writeNifti(volume));
    const nrrd = write("a.nrrd", nrrdBytes(volume));
    dicomSeriesBytes(volume).forEach((bytes, n) => {
      write(`series/${9 - n}`, bytes);
    });
    const at = [
      [10, 20, -5],
      [7.3, 18.2, -3],
      [500, 0, 0],
    ] as const;
    const { out, log, isDone } = await run([nifti, nrrd, join(folder, "series")], { at });
    expect(log).toBe("");
    expect(isDone).toBe(true);
    const all = JSON.parse(out);
    expect(all.map(({ format }: { format: string }) => format)).toEqual([
      "NIfTI-1",
      "NRRD",
      "DICOM",
    ]);
    for (const one of all) {
      expect(one).toMatchObject({
        shape: [2, 3, 4],
        spacing: [2, 1, 1],
        affine: [
          [1, 0, 0, 7],
          [0, 1, 0, 18],
          [0, 0, 2, -5],
          [0, 0, 0, 1],
        ],
        orientation: { stored: "LPS", canonical: "RAS" },
        dataType: "int16",
        min: -4,
        max: 19,
        mean: 7.5,
        labels: [],
        warnings: [],
        at: [
          { world: at[0], voxel: [0, 2, 3], value: -4 },
          { world: at[1], voxel: [1, 0, 0], value: 19 },
          { world: at[2], voxel: null, value: null },
        ],
      });
    }
  });

  it("counts the voxels of labels", async () => {
    const voxels = Uint8Array.from({ length: 24 }, (_, n) => (n < 5 ? 1 : n < 7 ? 3 : 0));
    const mask = write("b_seg.nii", writeNifti({ ...volume, voxels }));
    const { out } = await run([mask]);
    expect(JSON.parse(out)[0].labels).toEqual([
      { label: 1, voxels: 5 },
      { label: 3, voxels: 2 },
    ]);
  });

  it("goes on after what it cannot read", async () => {
    const broken = write("broken.nii", writeNifti(volume).subarray(0, 370));
    const other = write("notes.txt", new Uint8Array(4));
    const good = write("good.nii", writeNifti(volume));
    const { out, log, isDone } = await run([broken, join(folder, "nowhere"), other, good]);
    expect(isDone).toBe(false);
    expect(JSON.parse(out)).toHaveLength(1);
    const lines = log.trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(log).toMatch(/error: .*broken\.nii: NIfTI data ends early/);
    expect(log).toMatch(/error: .*nowhere: there is no such file or folder/);
    expect(log).toMatch(/error: .*notes\.txt: file must be NIfTI, NRRD, MetaImage or DICOM/);
  });

  it("says it in words without --json", async () => {
    const { out } = await run([write("c.nii", writeNifti(volume))], { json: false });
    expect(out).toContain("NIfTI-1, int16, stored LPS, read as RAS");
    expect(out).toContain("2 x 3 x 4 voxels of 2 x 1 x 1 mm (depth, height, width)");
  });
});
