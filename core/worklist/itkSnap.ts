import type { ExportFile } from "./exportFile.ts";
import type { Worklist, WorklistCase } from "./worklist.ts";

/**
 * Per case an annotation file (`.annot`) for ITK-SNAP: a landmark on every slice to annotate,
 * seen on that slice alone; and one file of label descriptions.
 *
 * Positions are voxels of the file, half a voxel into the slice: ITK-SNAP cuts them to whole
 * numbers to find the slice.
 *
 * Source: ITK-SNAP's registry format, annotation format of 2015-06-24.
 */
export function itkSnap(worklist: Worklist): ExportFile[] {
  return [
    ...worklist.cases.map((one) => ({ path: `${one.fileName}.annot`, content: annotations(one) })),
    { path: "labels.txt", content: labels(worklist.target) },
  ];
}

function annotations({ grid, slices }: WorklistCase): string {
  const [depth, height, width] = grid.shape;
  const elements = slices.map((slice, at) => {
    const plane = { i: 0, j: 1, k: 2 }[slice.axis];
    const position = [width / 2, height / 2, depth / 2];
    position[plane] = slice.index0 + 0.5;
    return folder(`Element[${at}]`, [
      entry("Color", "1 0.8 0"),
      entry("Offset", "8 8"),
      entry("Plane", plane),
      entry("Pos", position.join(" ")),
      entry("Selected", 0),
      entry("Text", `annotate slice ${slice.index1} (priority ${slice.priority})`),
      entry("Type", "LandmarkAnnotation"),
      entry("VisibleInAllPlanes", 0),
      entry("VisibleInAllSlices", 0),
    ]);
  });
  return [
    '<?xml version="1.0" encoding="UTF-8" ?>',
    "<registry>",
    ...[
      entry("Format", "ITK-SNAP Annotation File"),
      entry("FormatDate", "20150624"),
      folder("Annotations", [entry("ArraySize", slices.length), ...elements]),
    ].map(indented),
    "</registry>",
    "",
  ].join("\n");
}

function labels(target: string): string {
  const name = target.replace(/["\r\n]/g, " ");
  return [
    '    0     0    0    0        0  0  0    "Clear Label"',
    `    1   255    0    0        1  1  1    "${name}"`,
    "",
  ].join("\n");
}

function entry(key: string, value: string | number): string {
  return `<entry key="${escaped(key)}" value="${escaped(`${value}`)}" />`;
}

function folder(key: string, content: readonly string[]): string {
  return [`<folder key="${escaped(key)}" >`, ...content.map(indented), "</folder>"].join("\n");
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&apos;");
}
