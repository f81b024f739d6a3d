import { crc32, inflateSync } from "node:zlib";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { csvRows } from "../csvText.ts";
import { readNifti } from "../formats/nifti.ts";
import type { Grid } from "../volume/grid.ts";
import { worldOf } from "../volume/grid.ts";
import { canonicalVolume } from "../volume/orientation.ts";
import { worklistCsv } from "./csv.ts";
import { cvat } from "./cvat.ts";
import { itkSnap } from "./itkSnap.ts";
import { labelStudio } from "./labelStudio.ts";
import { monaiLabel } from "./monaiLabel.ts";
import { nnunetSkeleton } from "./nnunetSkeleton.ts";
import { renderSlices } from "./sliceImages.ts";
import { slicerMarkups } from "./slicerMarkups.ts";
import { worklistOf } from "./worklist.ts";

/** Stored with slices along i, from superior to inferior. */
const sagittal: Grid = {
  shape: [3, 4, 5],
  spacing: [1, 1, 2],
  affine: [0, 0, 1, -10, 0, 1, 0, -20, -2, 0, 0, 30],
};
const axial: Grid = {
  shape: [5, 4, 3],
  spacing: [2, 1, 1],
  affine: [-1, 0, 0, 10, 0, 1, 0, -20, 0, 0, 2, 30],
};
const list = worklistOf("plan", "liver & spleen", [
  { id: "a", path: "images/a.nii.gz", grid: axial, depths: [1, 3], reason: "fixed interval" },
  { id: "=b", path: "images/b.nii", grid: sagittal, depths: [0], reason: 'the "first", =1+1' },
]);
const textOf = (files: readonly { path: string; content: string | Uint8Array }[], path: string) => {
  const content = files.find((file) => file.path === path)?.content;
  if (typeof content !== "string") throw new Error(`no text at ${path}`);
  return content;
};
const bytesOf = (
  files: readonly { path: string; content: string | Uint8Array }[],
  path: string,
) => {
  const content = files.find((file) => file.path === path)?.content;
  if (typeof content === "string" || !content) throw new Error(`no bytes at ${path}`);
  return content;
};

describe("worklistCsv", () => {
  it("has a row per slice in the order of priorities, and nothing a spreadsheet would run", () => {
    const rows = csvRows(textOf(worklistCsv(list), "worklist.csv"));
    expect(rows[0]).toEqual([
      "case",
      "file",
      "axis",
      "slice_index0",
      "slice_index1",
      "position_mm",
      "priority",
      "reason",
      "assignee",
    ]);
    expect(rows.slice(1)).toEqual([
      ["a", "images/a.nii.gz", "k", "1", "2", "32", "1", "fixed interval", ""],
      ["'=b", "images/b.nii", "i", "4", "5", "22", "2", 'the "first", =1+1', ""],
      ["a", "images/a.nii.gz", "k", "3", "4", "36", "3", "fixed interval", ""],
    ]);
  });
});

describe("nnunetSkeleton", () => {
  const files = nnunetSkeleton(list);

  it("leaves only the chosen slices to draw on, in place on the image's own grid", () => {
    const mask = readNifti(bytesOf(files, "labelsTr/a.nii.gz")).volume;
    expect(mask.shape).toEqual(axial.shape);
    expect(mask.affine).toEqual(axial.affine);
    const open = [...mask.voxels].flatMap((label, index) => (label === 0 ? [index] : []));
    expect(open).toEqual(
      [...Array(12).keys()].flatMap((k) => [12 + k, 36 + k]).sort((a, b) => a - b),
    );
    expect(new Set(mask.voxels)).toEqual(new Set([0, 2]));
  });

  it("does so for slices along another axis", () => {
    const mask = readNifti(bytesOf(files, "labelsTr/_b.nii.gz")).volume;
    expect(mask.affine).toEqual(sagittal.affine);
    const canonical = canonicalVolume(mask);
    const size = canonical.shape[1] * canonical.shape[2];
    expect([...canonical.voxels]).toEqual([...canonical.voxels].map((_, k) => (k < size ? 0 : 2)));
  });

  it("describes a dataset as nnU-Net v2 wants it: consecutive labels, ignore the highest", () => {
    const dataset = JSON.parse(textOf(files, "dataset.json"));
    expect(dataset).toEqual({
      channel_names: { "0": "image" },
      labels: { background: 0, "liver & spleen": 1, ignore: 2 },
      numTraining: 2,
      file_ending: ".nii.gz",
    });
    expect(csvRows(textOf(files, "images.csv"))[1]).toEqual([
      "a",
      "images/a.nii.gz",
      "imagesTr/a_0000.nii.gz",
    ]);
  });

  it("writes the same bytes every time", () => {
    expect(bytesOf(nnunetSkeleton(list), "labelsTr/a.nii.gz")).toEqual(
      bytesOf(files, "labelsTr/a.nii.gz"),
    );
  });
});

describe("slicerMarkups", () => {
  const point = v.strictObject({
    id: v.string(),
    label: v.string(),
    description: v.string(),
    associatedNodeID: v.string(),
    position: v.pipe(v.array(v.number()), v.length(3)),
    orientation: v.pipe(v.array(v.number()), v.length(9)),
    selected: v.boolean(),
    locked: v.boolean(),
    visibility: v.boolean(),
    positionStatus: v.literal("defined"),
  });
  const schema = v.strictObject({
    "@schema": v.pipe(v.string(), v.endsWith("markups-schema-v1.0.3.json#")),
    markups: v.array(
      v.strictObject({
        type: v.picklist(["Fiducial", "Line", "Angle", "Curve", "ClosedCurve", "Plane", "ROI"]),
        name: v.string(),
        coordinateSystem: v.picklist(["LPS", "RAS"]),
        coordinateUnits: v.picklist(["mm", "um"]),
        locked: v.boolean(),
        fixedNumberOfControlPoints: v.boolean(),
        labelFormat: v.string(),
        controlPoints: v.array(point),
      }),
    ),
  });

  it.each(["a", "_b"])("keeps to the schema for %s", (name) => {
    const read = JSON.parse(textOf(slicerMarkups(list), `${name}.mrk.json`));
    expect(v.is(schema, read)).toBe(true);
  });

  it("puts a point into the centre of each slice, left-posterior-superior", () => {
    const read = JSON.parse(textOf(slicerMarkups(list), "a.mrk.json"));
    const [right, anterior, superior] = worldOf(axial.affine, 1, 1.5, 1);
    expect(read.markups[0].controlPoints[0]).toMatchObject({
      label: "slice 2",
      position: [-right, -anterior, superior],
    });
  });
});

describe("itkSnap", () => {
  /** Entries by path, as ITK-SNAP's registry reads XML. */
  const registryOf = (xml: string) => {
    const entries = new Map<string, string>();
    const folders: string[] = [];
    const decode = (text: string) =>
      text
        .replaceAll("&quot;", '"')
        .replaceAll("&apos;", "'")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&amp;", "&");
    for (const [, close, folder, key, value] of xml.matchAll(
      /<(\/folder)>|<folder key="([^"]*)" >|<entry key="([^"]*)" value="([^"]*)" \/>/g,
    )) {
      if (close) folders.pop();
      else if (folder !== undefined) folders.push(decode(folder));
      else entries.set([...folders, key].join("."), decode(value ?? ""));
    }
    expect(folders).toEqual([]);
    return entries;
  };

  it("is a registry with a landmark per slice, on the plane and slice of the file", () => {
    const read = registryOf(textOf(itkSnap(list), "_b.annot"));
    expect(read.get("Format")).toBe("ITK-SNAP Annotation File");
    expect(read.get("FormatDate")).toHaveLength(8);
    expect(read.get("Annotations.ArraySize")).toBe("1");
    expect(read.get("Annotations.Element[0].Type")).toBe("LandmarkAnnotation");
    expect(read.get("Annotations.Element[0].Plane")).toBe("0");
    const position = read.get("Annotations.Element[0].Pos")?.split(" ").map(Number);
    expect(position?.map(Math.floor)).toEqual([4, 2, 1]);
    expect(read.get("Annotations.Element[0].VisibleInAllSlices")).toBe("0");
  });

  it("names the target in the label file", () => {
    const rows = textOf(itkSnap(list), "labels.txt").trimEnd().split("\n");
    expect(rows[1]).toMatch(/^\s*1\s+255\s+0\s+0\s+1\s+1\s+1\s+"liver & spleen"$/);
  });
});

describe("cvat and labelStudio", () => {
  const paths = ["slices/_b__k0000.png", "slices/a__k0001.png", "slices/a__k0003.png"];

  it("lists every image in a manifest that CVAT's validator takes", () => {
    const lines = textOf(cvat(list), "manifest.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ version: "1.1" });
    expect(lines[1]).toEqual({ type: "images" });
    expect(lines.slice(2).map(({ name, extension }) => name + extension)).toEqual(paths);
    expect(lines[3]).toMatchObject({ width: 3, height: 4 });
  });

  it("makes a task per image for Label Studio, first priority first", () => {
    const tasks = JSON.parse(textOf(labelStudio(list, "/data/local-files/?d=plan/"), "tasks.json"));
    expect(tasks).toHaveLength(3);
    expect(tasks[0]).toEqual({
      data: {
        image: "/data/local-files/?d=plan/slices/a__k0001.png",
        case: "a",
        slice: 1,
        priority: 1,
        reason: "fixed interval",
      },
    });
    expect(textOf(labelStudio(list), "labelingConfig.xml")).toContain('value="liver &amp; spleen"');
  });
});

describe("renderSlices", () => {
  const [one] = list.cases;
  const voxels = Int16Array.from({ length: 60 }, (_, index) => index);
  const [file] = one ? renderSlices(one, { ...axial, voxels }) : [];
  const png = Buffer.from(file?.content as Uint8Array);

  it("writes PNG files that are whole", () => {
    expect(file?.path).toBe("slices/a__k0001.png");
    expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    for (let at = 8; at < png.length; ) {
      const length = png.readUInt32BE(at);
      expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
      at += 12 + length;
    }
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 4]);
  });

  it("shows anterior on top and the patient's right on the left", () => {
    const length = png.readUInt32BE(33);
    const rows = inflateSync(png.subarray(41, 41 + length));
    const grey = (row: number, column: number) => rows[row * 4 + 1 + column] ?? -1;
    // The file counts i to the left and j to the front: the pixel top left is i 0, j 3.
    const at = (i: number, j: number) => voxels[12 + j * 3 + i] ?? 0;
    expect(at(0, 3)).toBeGreaterThan(at(0, 0));
    expect(grey(0, 0)).toBeGreaterThan(grey(3, 0));
    expect(grey(0, 0)).toBeLessThan(grey(0, 2));
  });
});

describe("monaiLabel", () => {
  const model = v.strictObject({
    name: v.string(),
    description: v.string(),
    images_dir: v.string(),
    labels_dir: v.string(),
    objects: v.record(
      v.string(),
      v.strictObject({
        image: v.strictObject({ ext: v.string(), info: v.record(v.string(), v.unknown()) }),
        labels: v.record(v.string(), v.unknown()),
      }),
    ),
  });

  it("is a datastore whose ids and endings give the files' names", () => {
    const read = JSON.parse(textOf(monaiLabel(list), "datastore_v2.json"));
    const { objects } = v.parse(model, read);
    expect(Object.entries(objects).map(([id, { image }]) => id + image.ext)).toEqual([
      "a.nii.gz",
      "b.nii",
    ]);
    expect(objects["a"]?.image.info["slices"]).toMatchObject([{ index0: 1 }, { index0: 3 }]);
  });

  it("refuses images of one name in two folders", () => {
    const volume = { grid: axial, depths: [1], reason: "" };
    const twice = worklistOf("p", "t", [
      { ...volume, id: "x/a", path: "x/a.nii" },
      { ...volume, id: "y/a", path: "y/a.nii" },
    ]);
    expect(() => monaiLabel(twice)).toThrow("image names must be unique for MONAI Label, got a");
  });
});
