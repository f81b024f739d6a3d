import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resultOf } from "../../testing/results.ts";
import { resultsCsv } from "./csv.ts";

/** Rows of a table as RFC 4180 reads it. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, cell = "", end] of csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g)) {
    rows.at(-1)?.push(cell.replace(/^"|"$/g, "").replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  rows.pop();
  return rows;
}

describe("resultsCsv", () => {
  it("has units in its header and a row per trial", () => {
    const rows = rowsOf(resultsCsv([resultOf({}, 0, [0.4, 0.6]), resultOf({}, 1, [0.5])]));
    expect(rows).toHaveLength(3);
    const [head = [], first = []] = rows;
    const cell = (name: string) => first[head.indexOf(name)];
    expect(cell("trial")).toBe("unet2d-0.1-1-fixedInterval-none-r0");
    expect(cell("density (share of slices)")).toBe("0.1");
    expect(cell("budget (slices)")).toBe("320");
    expect(cell("mean IoU (0-1)")).toBe("0.5");
    expect(cell("test cases")).toBe("2");
    expect(cell("time (s)")).toBe("1");
    expect(cell("error")).toBe("");
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([head.length]));
  });

  it("leaves cells of a failed trial empty, never 0", () => {
    const failed = resultOf({}, 0, [0.5], {
      status: "failed",
      error: 'no memory, "really"',
      iou: null,
      finalLoss: null,
      volumes: null,
      annotatedSlices: null,
      secondsPerStep: null,
    });
    const [head = [], row = []] = rowsOf(resultsCsv([failed]));
    const cell = (name: string) => row[head.indexOf(name)];
    expect(cell("error")).toBe('no memory, "really"');
    expect(cell("mean IoU (0-1)")).toBe("");
    expect(cell("budget (slices)")).toBe("");
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])(
    "makes text of what a spreadsheet would run: %j",
    (device) => {
      const csv = resultsCsv([resultOf({}, 0, [0.5], { device })]);
      const [head = [], row = []] = rowsOf(csv);
      expect(row[head.indexOf("device")]).toBe(`'${device}`);
    },
  );

  it("brings any text through, quotes and line ends too", () => {
    fc.assert(
      fc.property(fc.string(), (device) => {
        const [head = [], row = []] = rowsOf(resultsCsv([resultOf({}, 0, [0.5], { device })]));
        const read = row[head.indexOf("device")] ?? "";
        expect([device, `'${device}`]).toContain(read);
        expect(read).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
    );
  });

  it("is only a header without results", () => {
    expect(rowsOf(resultsCsv([]))).toHaveLength(1);
  });
});
