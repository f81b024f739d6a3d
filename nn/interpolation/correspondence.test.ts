import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { hasShared } from "../../testing/reference.ts";
import { sli2volReference } from "../../testing/sli2volReference.ts";
import {
  type AffinityShape,
  affinityGradientReference,
  affinityReference,
} from "../kernels/affinity/affinity.reference.ts";
import { type AffinityDevice, plainAffinity, wasmAffinity } from "./affinity.ts";
import { edgeProfile, PROFILE_CHANNELS } from "./edgeProfile.ts";

const floats = (count: number, seed: number, scale = 1) => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => scale * random.normal());
};

const worst = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(got.length).toBe(expected.length);
  return Array.from(got).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))),
    0,
  );
};

describe("edgeProfile", () => {
  it("of a constant image is 1/48 everywhere", () => {
    const profile = edgeProfile(new Float32Array(30).fill(7), [5, 6]);
    expect(new Set(profile)).toEqual(new Set([Math.fround(1 / 48)]));
  });

  it("sums to one at every pixel", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (h, w) => {
        const profile = edgeProfile(floats(h * w, h, 100), [h, w]);
        for (let p = 0; p < h * w; p++) {
          const shares = profile.subarray(p * PROFILE_CHANNELS, (p + 1) * PROFILE_CHANNELS);
          expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        }
      }),
    );
  });
});

describe.skipIf(!hasShared)("Sli2Vol against the reference", () => {
  it("has the same edge profile", () => {
    const { edges, referenceImage, size } = sli2volReference();
    expect(worst(edgeProfile(referenceImage[0] as Float32Array, size), edges)).toBeLessThan(5e-6);
  });

  it("reconstructs, and passes gradients back, as the affinity module alone does", () => {
    const { affinity } = sli2volReference();
    const { shape, target, source, values, dy, output, gradients } = affinity;
    expect(worst(affinityReference(shape, target, source, values), output)).toBeLessThan(1e-6);
    const ours = affinityGradientReference(shape, target, source, values, dy);
    expect(worst(ours.target, gradients.target)).toBeLessThan(1e-7);
    expect(worst(ours.source, gradients.source)).toBeLessThan(1e-7);
    expect(worst(ours.values, gradients.values)).toBeLessThan(1e-6);
  });
});

describe("affinity", () => {
  let wasm: AffinityDevice;
  beforeAll(async () => {
    wasm = await wasmAffinity();
  });

  it("copies identical slices of one-hot features", () => {
    const [height, width, channels] = [4, 5, 20];
    const features = new Float32Array(2 * 400);
    for (let p = 0; p < 40; p++) features[p * channels + (p % 20)] = 60;
    const shape = { slices: 2, height, width, channels, radius: 6, border: "zero" } as const;
    const values = floats(20, 1);
    for (const device of [wasm, plainAffinity])
      expect(worst(device.stack(shape, features).reconstruct(0, 1, values), values)).toBeLessThan(
        1e-6,
      );
  });

  it("has weights that sum to one where the border is left out", () => {
    const shape = {
      slices: 2,
      height: 7,
      width: 9,
      channels: 8,
      radius: 3,
      border: "exclude",
    } as const;
    const stack = wasm.stack(shape, floats(2 * 63 * 8, 2));
    for (const value of stack.reconstruct(1, 0, new Float32Array(63).fill(1)))
      expect(value).toBeCloseTo(1, 5);
  });

  it.each([
    [3, 4, 4, 1, 0, "zero"],
    [5, 7, 8, 2, 2, "zero"],
    [6, 4, 12, 3, 3, "exclude"],
    [1, 9, 64, 1, 6, "zero"],
    [9, 1, 4, 5, 2, "exclude"],
  ] as const)(
    "in WebAssembly is that of plain loops: %d x %d, %d channels, %d values, radius %d, %s",
    (height, width, channels, values, radius, border) => {
      const size = height * width;
      const features = floats(3 * size * channels, 3, 0.6);
      const [given, dy] = [floats(size * values, 4), floats(size * values, 5)];
      const shape: AffinityShape & { slices: number } = {
        slices: 3,
        height,
        width,
        channels,
        values,
        radius,
        border,
      };
      const [stack, plain] = [wasm.stack(shape, features), plainAffinity.stack(shape, features)];
      for (const [target, source] of [
        [0, 1],
        [2, 1],
        [1, 2],
      ] as const) {
        const [got, expected] = [
          stack.reconstruct(target, source, given),
          plain.reconstruct(target, source, given),
        ];
        expect(worst(got, expected)).toBeLessThan(3e-6);
        stack.backward(target, source, given, dy);
        plain.backward(target, source, given, dy);
      }
      expect(worst(stack.gradient, plain.gradient)).toBeLessThan(1e-5);
    },
  );

  it("has the gradient of its finite differences", () => {
    const shape: AffinityShape = {
      height: 4,
      width: 3,
      channels: 4,
      values: 2,
      radius: 2,
      border: "zero",
    };
    const [target, source] = [floats(48, 6), floats(48, 7)];
    const [values, dy] = [floats(24, 8), floats(24, 9)];
    const lossOf = (t: ArrayLike<number>, s: ArrayLike<number>, v: ArrayLike<number>) =>
      affinityReference(shape, t, s, v).reduce((sum, y, i) => sum + y * (dy[i] ?? 0), 0);
    const slopes = affinityGradientReference(shape, target, source, values, dy);
    for (const [given, gradient, at] of [
      [target, slopes.target, (x: Float64Array) => lossOf(x, source, values)],
      [source, slopes.source, (x: Float64Array) => lossOf(target, x, values)],
      [values, slopes.values, (x: Float64Array) => lossOf(target, source, x)],
    ] as const)
      for (const index of [0, 5, 11, 23]) {
        const moved = (step: number) =>
          at(Float64Array.from(given, (x, i) => x + (i === index ? step : 0)));
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(gradient[index]).toBeCloseTo(slope, 7);
      }
  });

  it("refuses what does not fit", () => {
    const shape = {
      slices: 2,
      height: 2,
      width: 2,
      channels: 4,
      radius: 1,
      border: "zero",
    } as const;
    for (const device of [wasm, plainAffinity]) {
      expect(() => device.stack(shape, new Float32Array(31))).toThrow(
        "features must be [2, 2, 2, 4], got 31 values",
      );
      expect(() => device.stack({ ...shape, channels: 6 }, new Float32Array(48))).toThrow(
        "multiple of 4 channels",
      );
      expect(() =>
        device.stack(shape, new Float32Array(32)).reconstruct(0, 2, new Float32Array(4)),
      ).toThrow("slice must be one of 0..1, got 2");
    }
    expect(() =>
      wasm.stack(shape, new Float32Array(32)).reconstruct(0, 1, new Float32Array(3)),
    ).toThrow("values must be 1 to 64 for each of 4 pixels, got 3");
  });
});
