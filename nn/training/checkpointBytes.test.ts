import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Weights } from "../engine.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpointBytes.ts";

const tensors = (base: number): Weights =>
  new Map([
    ["a.kernel", Float32Array.of(base, base + 0.1, Number.MIN_VALUE)],
    ["ä.bias", Float32Array.of(-base)],
  ]);

const checkpoint: Checkpoint = {
  key: "k",
  seconds: 12.5,
  point: {
    losses: [1 / 3, 0.1],
    state: { steps: 2, weights: tensors(1), moments: [tensors(2), tensors(3)] },
  },
};

describe("a checkpoint as bytes", () => {
  it("comes back bit for bit, from any place of a larger buffer", () => {
    const bytes = encodeCheckpoint(checkpoint);
    expect(decodeCheckpoint(bytes)).toEqual(checkpoint);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decodeCheckpoint(larger.subarray(3))).toEqual(checkpoint);
  });

  it("is none when any bit was changed or its end is missing", () => {
    const bytes = encodeCheckpoint(checkpoint);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(decodeCheckpoint(damaged)).toBeNull();
      }),
    );
    for (let length = 0; length < bytes.length; length++)
      expect(decodeCheckpoint(bytes.slice(0, length))).toBeNull();
  });
});
