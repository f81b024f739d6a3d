import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packVoxels, unpackVoxels } from "./packVoxels.ts";

describe("packVoxels", () => {
  it.each([
    { what: "whole floats", voxels: Float32Array.of(0, 1, 255), to: Uint8Array },
    { what: "Hounsfield units", voxels: Float32Array.of(-1024, 0, 3071), to: Int16Array },
    { what: "large counts", voxels: Int32Array.of(0, 40_000), to: Uint16Array },
    { what: "fractions", voxels: Float32Array.of(0.5, 1), to: Float32Array },
    { what: "what is not finite", voxels: Float32Array.of(1, Number.NaN), to: Float32Array },
    { what: "a zero with a sign", voxels: Float32Array.of(-0, 1), to: Float32Array },
    { what: "more than 16 bits", voxels: Float64Array.of(0, 70_000), to: Float64Array },
    { what: "small integers already", voxels: Int16Array.of(-5, 9000), to: Int16Array },
  ])("keeps $what in $to.name", ({ voxels, to }) => {
    expect(packVoxels(voxels, null).stored.constructor).toBe(to);
  });

  it("uses a file's slope and intercept where they give every value back", () => {
    const scaling = { slope: 0.0088, intercept: 291.67 };
    const voxels = Float32Array.from([-300, 0, 7, 32_000], (n) => n * 0.0088 + 291.67);
    const packed = packVoxels(voxels, scaling);
    expect([...packed.stored]).toEqual([-300, 0, 7, 32_000]);
    expect(packed.stored).toBeInstanceOf(Int16Array);
    expect(unpackVoxels(packed, Float32Array)).toEqual(voxels);
    const other = packVoxels(Float32Array.of(291.7, 0.1), scaling);
    expect(other.scale).toBeNull();
  });

  it("gives back what it was given, bit by bit", () => {
    const scale = fc.record({
      slope: fc.double({ min: 1e-3, max: 5, noNaN: true }),
      intercept: fc.double({ min: -2000, max: 2000, noNaN: true }),
    });
    const numbers = fc.array(fc.integer({ min: -40_000, max: 70_000 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.option(scale), (values, scaling) => {
        const { slope, intercept } = scaling ?? { slope: 1, intercept: 0 };
        const voxels = Float32Array.from(values, (value) => value * slope + intercept);
        const back = unpackVoxels(packVoxels(voxels, scaling), Float32Array);
        expect(Buffer.from(back.buffer)).toEqual(Buffer.from(voxels.buffer));
      }),
    );
  });
});
