import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import type { Affine, Grid, Shape3 } from "./grid.ts";
import { worldOf } from "./grid.ts";
import { preprocessImage, preprocessLabels } from "./preprocess.ts";
import { isPlain, preparedGrid } from "./preprocessing.ts";
import { resampleNearest, resampleVolume } from "./resample.ts";
import { resampleAligned, resampleAlignedLabels } from "./resampleAligned.ts";
import { resampledGrid } from "./resampledShape.ts";
import { percentilesOf } from "./scaleIntensity.ts";

/** [5, 7, 9] whole numbers, and what scipy 1.10 makes of them; see the test for the call. */
const input = [
  55, 72, 60, 54, 42, 65, 44, 89, 96, 38, 79, 53, 57, 93, 7, 9, 2, 83, 78, 87, 98, 80, 46, 78, 12,
  64, 14, 94, 52, 41, 26, 77, 46, 57, 2, 62, 61, 62, 94, 68, 36, 44, 70, 6, 67, 67, 21, 13, 32, 36,
  57, 44, 99, 10, 21, 16, 65, 25, 47, 24, 16, 11, 66, 14, 20, 37, 82, 10, 84, 10, 98, 47, 98, 60,
  74, 4, 28, 12, 30, 12, 32, 41, 6, 69, 57, 27, 52, 9, 58, 93, 32, 67, 13, 72, 29, 18, 59, 2, 83, 0,
  68, 27, 74, 96, 25, 58, 59, 57, 22, 95, 45, 85, 70, 30, 81, 40, 88, 58, 88, 69, 73, 50, 96, 64,
  42, 61, 2, 30, 66, 29, 62, 43, 14, 30, 57, 59, 57, 65, 65, 43, 90, 37, 44, 89, 81, 70, 10, 92, 71,
  100, 15, 87, 16, 62, 12, 85, 81, 57, 41, 7, 70, 45, 72, 87, 98, 86, 1, 36, 73, 17, 52, 5, 20, 2,
  79, 22, 35, 93, 70, 3, 16, 62, 58, 24, 93, 61, 54, 59, 73, 31, 40, 21, 19, 94, 74, 49, 23, 25, 6,
  43, 31, 70, 38, 18, 2, 7, 68, 45, 54, 90, 99, 22, 66, 26, 2, 76, 32, 38, 59, 83, 63, 87, 27, 80,
  19, 95, 69, 22, 95, 73, 25, 21, 52, 3, 21, 42, 37, 46, 28, 59, 86, 12, 52, 13, 72, 40, 57, 18, 14,
  49, 36, 94, 77, 75, 90, 8, 55, 58, 96, 29, 24, 10, 2, 93, 67, 79, 28, 59, 6, 49, 98, 88, 34, 96,
  23, 95, 94, 80, 63, 87, 29, 85, 62, 1, 35, 15, 98, 48, 50, 64, 37, 14, 82, 19, 51, 22, 10, 86, 97,
  96, 91, 77, 33, 8, 41, 23, 13, 5, 73, 1, 77, 15, 8, 9, 67,
];
const expected = [
  65.62259, 50.8281, 55.16276, 60.38011, 49.89821, 43.17126, 33.55193, 35.63367, 41.93749, 47.91546,
  34.61192, 46.65237, 45.34795, 51.17196, 58.48392, 67.69336, 66.94479, 59.95531, 50.98111,
  57.00746, 53.25522, 58.70177, 49.08484, 44.19646, 38.79273, 57.75829, 56.90301, 39.65877,
  46.38917, 36.97515, 53.86592, 54.95182, 35.58015, 42.76045, 36.37274, 58.61423, 57.12074,
  57.93922, 44.75321, 62.42034, 44.25616, 39.01307, 45.14017, 39.54996, 35.26441,
];

const affine: Affine = [0, 0.8, 0, -3, -1.2, 0, 0, 4, 0, 0, 2.5, 7];
const grid: Grid = { shape: [5, 7, 9], spacing: [2.5, 0.8, 1.2], affine };
const volume = { ...grid, voxels: Float32Array.from(input) };
const random = seededRandom(5);

describe("resampleAligned", () => {
  it("equals scipy: gaussian_filter where it shrinks by more than 2, then map_coordinates", () => {
    // gaussian_filter(v, [0, 0.9, 1.15], mode="reflect", truncate=4)
    // map_coordinates(.., (index + 0.5) * ratio - 0.5, order=1, mode="nearest")
    const found = resampleAligned(volume.voxels, grid.shape, [5, 3, 3], [1, 2.8, 3.3]);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, index) => {
      expect(Math.abs(value - (expected[index] as number))).toBeLessThan(1e-4);
    });
  });

  it.each([[[1.1, 1, 1]], [[2.5, 1.4, 0.7]], [[0.9, 0.8, 2]], [[4.9, 1.5, 2.3]]] as const)(
    "equals resampling through the world at %j mm",
    (spacing) => {
      const to = resampledGrid(grid, spacing);
      const ratio = [0, 1, 2].map((a) => (to.spacing[a] as number) / (grid.spacing[a] as number));
      const three = ratio as unknown as readonly [number, number, number];
      const found = resampleAligned(volume.voxels, grid.shape, to.shape, three);
      const through = resampleVolume(volume, to).voxels;
      found.forEach((value, index) => {
        expect(Math.abs(value - (through[index] as number))).toBeLessThan(1e-3);
      });
      const labels = Uint8Array.from(input, (value) => value % 4);
      const nearest = resampleAlignedLabels(labels, grid.shape, to.shape, three);
      expect(nearest).toEqual(resampleNearest({ ...grid, voxels: labels }, to).voxels);
    },
  );
});

describe("preprocessImage", () => {
  const shape: Shape3 = [3, 4, 5];
  const unit: Grid = {
    shape,
    spacing: [1, 1, 1],
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
  };
  const image = {
    ...unit,
    voxels: Int16Array.from({ length: 60 }, () => Math.round(1000 * random.normal())),
  };

  it("makes a window -1 to 1 and clips what lies outside", () => {
    const intensity = { kind: "window", low: -160, high: 240 } as const;
    const { voxels } = preprocessImage(image, { intensity });
    voxels.forEach((value, index) => {
      const clipped = Math.min(240, Math.max(-160, image.voxels[index] as number));
      expect(value).toBeCloseTo((clipped - 40) / 200, 6);
    });
  });

  it("clips to percentiles, then scales to mean 0 and variance 1", () => {
    const intensity = { kind: "percentiles", low: 5, high: 95 } as const;
    const { voxels } = preprocessImage(image, { intensity });
    const mean = voxels.reduce((sum, value) => sum + value, 0) / 60;
    const variance = voxels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 60;
    expect(mean).toBeCloseTo(0, 5);
    expect(variance).toBeCloseTo(1, 4);
    const [low = 0, high = 0] = percentilesOf(image.voxels, [5, 95]);
    const kept = [...image.voxels].filter((value) => value > low && value < high);
    expect(new Set(voxels).size).toBe(new Set(kept).size + 2);
  });

  it("leaves values as they are, but for what is no number", () => {
    const odd = { ...image, voxels: Float32Array.from(image.voxels).with(3, Number.NaN) };
    const { voxels } = preprocessImage(odd, { intensity: { kind: "none" } });
    expect(voxels[3]).toBe(0);
    expect(voxels[4]).toBe(image.voxels[4]);
  });

  it("crops and pads about the centre, every voxel where it was", () => {
    const rule = { size: [5, 2, 5], intensity: { kind: "none" } } as const;
    const plain = { size: [...rule.size] as [number, number, number], intensity: rule.intensity };
    const found = preprocessImage(image, plain);
    const labels = Uint8Array.from(image.voxels, (value) => (value > 0 ? 1 : 2));
    const mask = preprocessLabels(labels, image, plain);
    expect(found.shape).toEqual([5, 2, 5]);
    const lowest = Math.min(...image.voxels);
    found.voxels.forEach((value, at) => {
      const [d, h, w] = [Math.floor(at / 10), Math.floor(at / 5) % 2, at % 5];
      const [x, y, z] = worldOf(found.affine, d, h, w);
      const source = z >= 0 && z < 3 ? (z * 4 + y) * 5 + x : null;
      expect(value).toBe(source === null ? lowest : image.voxels[source]);
      expect(mask[at]).toBe(source === null ? 0 : labels[source]);
    });
  });

  it("forecasts the very grid it makes", () => {
    const rules = [
      { spacing: [null, 1.6, 1.6] as [null, number, number] },
      {
        spacing: [5, null, null] as [number, null, null],
        size: [null, 32, 8] as [null, number, number],
      },
    ];
    for (const rule of rules) {
      const { shape: found, spacing, affine: place, voxels } = preprocessImage(volume, rule);
      expect({ shape: found, spacing, affine: place }).toEqual(preparedGrid(volume, rule));
      expect(voxels).toHaveLength(found[0] * found[1] * found[2]);
    }
    expect(isPlain({ spacing: [null, null, null] })).toBe(true);
    expect(isPlain({ size: [null, 3, null] })).toBe(false);
  });
});

describe("percentilesOf", () => {
  it("equals NumPy's", () => {
    const found = percentilesOf(Float32Array.from(input), [0.5, 30, 99.5]);
    [1, 28.2, 99].forEach((value, index) => {
      expect(found[index]).toBeCloseTo(value, 9);
    });
  });
});
