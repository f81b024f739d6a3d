import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cohortFingerprint } from "./cohortFingerprint.ts";
import { hashBytes } from "./hashBytes.ts";

const cases = [
  { id: "a", patient: "P1", fingerprint: "01" },
  { id: "b", patient: "P1", fingerprint: "02" },
  { id: "c", patient: "P2", fingerprint: null },
];

describe("cohortFingerprint", () => {
  it("does not depend on the order of cases", () => {
    expect(cohortFingerprint(cases.toReversed())).toBe(cohortFingerprint(cases));
  });

  it.each(["id", "patient", "fingerprint"] as const)("depends on every %s", (field) => {
    const changed = cases.map((one, index) => (index === 1 ? { ...one, [field]: "x" } : one));
    expect(cohortFingerprint(changed)).not.toBe(cohortFingerprint(cases));
  });
});

describe("hashBytes", () => {
  it("depends on every byte and the length", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (array, at, difference) => {
        const changed = array.slice();
        const index = at % array.length;
        changed[index] = (array[index] as number) ^ difference;
        expect(hashBytes(changed)).not.toBe(hashBytes(array));
        expect(hashBytes(Uint8Array.of(...array, 0))).not.toBe(hashBytes(array));
      }),
    );
  });

  it("does not depend on where in memory bytes lie", () => {
    const bytes = Uint8Array.from({ length: 23 }, (_, n) => n * 7);
    const elsewhere = new Uint8Array(30);
    elsewhere.set(bytes, 3);
    expect(hashBytes(elsewhere.subarray(3, 26))).toBe(hashBytes(bytes));
  });

  it("has no collision among many small volumes", () => {
    const hashes = new Set<string>();
    for (let seed = 0; seed < 50_000; seed++)
      hashes.add(hashBytes(Int32Array.of(seed, 0, seed % 7)));
    expect(hashes.size).toBe(50_000);
    // Each lane alone would have about 0.3 collisions.
    expect(new Set([...hashes].map((hash) => hash.slice(0, 8))).size).toBeGreaterThan(49_990);
    expect(new Set([...hashes].map((hash) => hash.slice(8))).size).toBeGreaterThan(49_990);
  });
});
