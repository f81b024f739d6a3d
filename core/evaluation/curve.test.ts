import { describe, expect, it } from "vitest";
import { RESULT_SCHEMA_VERSION, type TrialResult } from "../results/result.ts";
import { curveOf } from "./curve.ts";
import { standardDeviation } from "./statistics.ts";

const result = (
  density: number,
  volumeFraction: number,
  iou: number | null,
  repeat = 0,
  change: Partial<TrialResult> = {},
): TrialResult => ({
  schemaVersion: RESULT_SCHEMA_VERSION,
  experiment: "e",
  methodVersion: "1",
  trial: `${density}-${volumeFraction}-${repeat}`,
  configuration: {
    network: "unet2d",
    density,
    volumeFraction,
    strategy: "fixedInterval",
    interpolator: "none",
  },
  repeat,
  seed: repeat,
  status: "done",
  error: null,
  volumes: 10 * volumeFraction,
  annotatedSlices: 1000 * density * volumeFraction,
  iou: { mean: iou, pooled: iou, perCase: [] },
  finalLoss: 0.1,
  seconds: 1,
  secondsPerStep: 0.1,
  backend: "cpu",
  device: "test",
  finishedAt: "2026-01-01T00:00:00Z",
  ...change,
});

describe("curveOf", () => {
  it("draws one line per volume fraction, points by budget, mean and spread over repeats", () => {
    const lines = curveOf([
      result(0.2, 1, 0.7),
      result(0.1, 1, 0.5, 0),
      result(0.1, 1, 0.6, 1),
      result(0.1, 0.5, 0.4),
    ]);
    expect(lines.map(({ configuration }) => configuration.volumeFraction)).toEqual([0.5, 1]);
    const [point, next] = lines[1]?.points ?? [];
    expect(point?.budget).toBe(100);
    expect(point?.iou).toBeCloseTo(0.55, 12);
    expect(point?.spread).toBeCloseTo(Math.sqrt(0.005), 12);
    expect(point?.repeats).toBe(2);
    expect(next).toMatchObject({ budget: 200, iou: 0.7, spread: null, repeats: 1 });
  });

  it("keeps strategies apart", () => {
    const other = result(0.1, 1, 0.5, 0, {
      configuration: { ...result(0.1, 1, 0.5).configuration, strategy: "uniformRandom" },
    });
    expect(curveOf([result(0.1, 1, 0.5), other])).toHaveLength(2);
  });

  it("leaves out failed trials and undefined scores", () => {
    const failed = result(0.1, 1, 0.5, 0, { status: "failed", iou: null, error: "device lost" });
    expect(curveOf([failed, result(0.1, 1, null)])).toEqual([]);
  });
});

describe("standardDeviation", () => {
  it.each([
    [[1, 2, 3, 4], Math.sqrt(5 / 3)],
    [[2, 2], 0],
    [[7], null],
    [[], null],
  ])("of %j is %d", (values, expected) => {
    expect(standardDeviation(values)).toBe(expected);
  });
});
