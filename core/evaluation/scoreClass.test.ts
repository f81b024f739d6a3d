import { describe, expect, it } from "vitest";
import type { Mask } from "../volume/volume.ts";
import { meanScore, scoreClass } from "./scoreClass.ts";

const mask = (...classes: number[]): Mask => ({
  shape: [1, 1, classes.length],
  classes: Uint8Array.from(classes),
});
const score = (prediction: Mask, reference: Mask) =>
  scoreClass(prediction, reference, [1, 1, 2], 1);

describe("scoreClass", () => {
  it("measures overlap, distance in mm and volume", () => {
    expect(score(mask(0, 1, 1, 1), mask(1, 1, 0, 0))).toEqual({
      tp: 1,
      fp: 2,
      fn: 1,
      iou: 0.25,
      dice: 0.4,
      // The ends of the predicted line lie 0 and 4 mm off; 95 % of the way between them.
      hd95: expect.closeTo(3.8, 9),
      nsd: expect.any(Number),
      assd: expect.any(Number),
      volumeError: 0.5,
    });
  });

  it("is undefined where neither mask has the class", () => {
    const { tp, fp, fn, ...rest } = score(mask(0, 0), mask(0, 0));
    expect([tp, fp, fn]).toEqual([0, 0, 0]);
    expect(Object.values(rest)).toEqual([null, null, null, null, null, null]);
  });

  it.each([
    ["prediction", mask(0, 0), mask(1, 0), -1],
    ["reference", mask(1, 0), mask(0, 0), null],
  ])("scores 0 and has no distance where the %s is empty", (_, prediction, reference, error) => {
    expect(score(prediction, reference)).toMatchObject({
      iou: 0,
      dice: 0,
      nsd: 0,
      hd95: null,
      assd: null,
      volumeError: error,
    });
  });
});

describe("meanScore", () => {
  it("leaves undefined values out of each mean", () => {
    const found = meanScore([score(mask(1), mask(1)), score(mask(0), mask(0))]);
    expect(found).toMatchObject({ iou: 1, dice: 1, hd95: 0 });
    expect(meanScore([]).iou).toBeNull();
  });
});
