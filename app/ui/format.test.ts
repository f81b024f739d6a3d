import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatFraction, formatPercent, formatSeconds, parseShare } from "./format.ts";

describe("parseShare", () => {
  it.each([
    ["10 %", 0.1],
    ["10%", 0.1],
    ["10", 0.1],
    ["0.1", 0.1],
    ["0,1", 0.1],
    [".5", 0.5],
    ["1/8", 0.125],
    ["1 / 4", 0.25],
    ["1", 1],
    ["100", 1],
    ["0", null],
    ["101", null],
    ["-5", null],
    ["3/2", null],
    ["1/0", null],
    ["ten", null],
    ["", null],
  ])("%j is %j", (text, expected) => {
    expect(parseShare(text)).toBe(expected);
  });

  it("reads back what formatFraction writes, to three digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (thousandths) => {
        const share = thousandths / 1000;
        expect(parseShare(formatFraction(share))).toBeCloseTo(share, 6);
      }),
    );
  });
});

describe("formatFraction", () => {
  it.each([
    [0.125, "1/8"],
    [0.25, "1/4"],
    [0.375, "3/8"],
    [1 / 3, "1/3"],
    [1, "1"],
    [0.07, "7 %"],
  ])("%d is %s", (share, expected) => {
    expect(formatFraction(share)).toBe(expected);
  });
});

describe("formatPercent", () => {
  it.each([
    [0.05, "5 %"],
    [0.125, "12.5 %"],
    [0.000123456, "0.0123 %"],
  ])("%d is %s", (share, expected) => {
    expect(formatPercent(share)).toBe(expected);
  });
});

describe("formatSeconds", () => {
  it.each([
    [0.2, "under 1 s"],
    [42.4, "42 s"],
    [95, "1 min 35 s"],
    [119.7, "2 min 0 s"],
    [1800, "30 min"],
    [3599, "1 h 0 min"],
    [9000, "2 h 30 min"],
    [400_000, "4.6 days"],
  ])("%d is %s", (seconds, expected) => {
    expect(formatSeconds(seconds)).toBe(expected);
  });
});
