import { gzipSync as nodeGzip } from "node:zlib";
import fc from "fast-check";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { PlannerError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { gunzip, isGzip } from "./gunzip.ts";

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const pattern = (length: number) =>
  Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 7)) % 251);

describe("crc32", () => {
  it("has the check value of its standard", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  it("goes on where it stopped", () => {
    const bytes = pattern(1000);
    expect(crc32(bytes.subarray(300), crc32(bytes.subarray(0, 300)))).toBe(crc32(bytes));
  });
});

describe("gunzip", () => {
  it.each([0, 1, 1000, 200_000])("gives back %d bytes", (length) => {
    const bytes = pattern(length);
    expect(Buffer.compare(gunzip(gzipSync(bytes)), bytes)).toBe(0);
    expect(Buffer.compare(gunzip(new Uint8Array(nodeGzip(bytes))), bytes)).toBe(0);
  });

  it("joins members, wherever they end", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(70_000), { minLength: 1, maxLength: 4 }), (lengths) => {
        const parts = lengths.map(pattern);
        // Stored without compression, so that members end around the reader's steps.
        const members = parts.map((part) => gzipSync(part, { level: 0 }));
        expect(Buffer.compare(gunzip(joined(...members)), joined(...parts))).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it.each([0, 1, 3000])("joins two members alike of %d bytes", (length) => {
    const member = gzipSync(pattern(length));
    expect(gunzip(joined(member, member))).toHaveLength(2 * length);
  });

  it("takes a name in the header", () => {
    expect([...gunzip(gzipSync(Uint8Array.of(5), { filename: "a.nii" }))]).toEqual([5]);
  });

  it("says that data ends early, wherever it is cut", () => {
    const bytes = gzipSync(pattern(3000));
    for (let length = 2; length < bytes.length; length++) {
      expect(() => gunzip(bytes.subarray(0, length))).toThrow(/ends early|cut off/);
    }
    expect(() => gunzip(bytes.subarray(0, bytes.length / 2))).toThrow(
      /gzip data ends early, after \d+ bytes; copy the file again/,
    );
  });

  it("notices one wrong byte", () => {
    const bytes = gzipSync(pattern(3000));
    for (let at = 10; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0x10;
      expect(() => gunzip(damaged)).toThrow(PlannerError);
    }
  });

  it("gives up past its limit", () => {
    const bomb = gzipSync(new Uint8Array(8 * 2 ** 20));
    expect(bomb.length).toBeLessThan(10_000);
    expect(() => gunzip(bomb, 2 ** 20)).toThrow(
      "gzip data must hold at most 1 MiB, got more; crop or resample the volume",
    );
    expect(gunzip(bomb, 8 * 2 ** 20)).toHaveLength(8 * 2 ** 20);
  });

  it("refuses other bytes", () => {
    expect(isGzip(Uint8Array.of(0x1f))).toBe(false);
    expect(() => gunzip(new TextEncoder().encode("not gzip at all"))).toThrow(
      "file must be gzip data, got other bytes",
    );
  });
});
