import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRows, csvText } from "./csvText.ts";

describe("csvRows", () => {
  it("reads what csvText writes", () => {
    const cell = fc
      .string({ minLength: 1 })
      .filter((text) => /^[^=+\-@\t\r\n]/.test(text) && text.trim() !== "");
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1 }), { minLength: 1 }), (rows) => {
        expect(csvRows(csvText(rows))).toEqual(rows);
      }),
    );
  });

  it.each([
    [
      "\uFEFFa,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a,b\r\n\r\n1,\r\n",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    ['"x, y","say ""hi"""\n', [["x, y", 'say "hi"']]],
    ["", []],
  ])("reads %j", (text, rows) => {
    expect(csvRows(text)).toEqual(rows);
  });

  it("refuses a quote that is never closed", () => {
    expect(() => csvRows('a,b\n"1,2\n')).toThrow("row 2 must have its quotes closed");
  });
});
