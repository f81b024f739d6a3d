import { describe, expect, it } from "vitest";
import { parseAs } from "../schema.ts";
import {
  defaultInterpolation,
  encoderOptionsOf,
  interpolationKey,
  interpolationSchema,
  learnedOptionsOf,
} from "./interpolationSettings.ts";

const read = (value: unknown) => parseAs(interpolationSchema, value, "interpolation", "experiment");

describe("settings of interpolation", () => {
  it("follow the encoder where nothing is said", () => {
    expect(learnedOptionsOf(read({}))).toMatchObject({ network: "small", radius: 4, steps: 800 });
    expect(learnedOptionsOf(read({ network: "paper", steps: 7 }))).toMatchObject({
      ...{ network: "paper", radius: 6, tupleSlices: 6, steps: 7, learningRate: 1e-4 },
      ...{ combine: "distance", carry: "soft", path: "unit", outer: "propagate", minConfidence: 0 },
    });
  });

  it("name results only where they are not the ordinary ones", () => {
    expect(interpolationKey(defaultInterpolation)).toEqual([]);
    expect(interpolationKey(read({ steps: 800 }))).toEqual([]);
    const keys = [{ steps: 2 }, { minConfidence: 0.5 }, { network: "paper" }, { seed: 2 }].map(
      (change) => JSON.stringify(interpolationKey(read(change))),
    );
    expect(new Set(keys).size).toBe(4);
  });

  it("name an encoder by its training, not by how its result is used", () => {
    const nameOf = (value: unknown) =>
      JSON.stringify(encoderOptionsOf(learnedOptionsOf(read(value))));
    expect(nameOf({ combine: "union", minConfidence: 0.9 })).toBe(nameOf({}));
    expect(nameOf({ jitter: true })).not.toBe(nameOf({}));
    expect(nameOf({ seed: 2 })).not.toBe(nameOf({}));
  });

  it.each([
    [{ combine: "mean" }, "interpolation: combine must be one of distance, equal, nearest"],
    [{ minConfidence: 2 }, "interpolation: minConfidence must be a number from 0 to 1, got 2"],
    [{ tupleSlices: 1 }, "interpolation: tupleSlices must be an integer from 2 to 32, got 1"],
    [{ jitter: "yes" }, 'interpolation: jitter must be true or false, got "yes"'],
  ])("refuse %o", (value, message) => {
    expect(() => read(value)).toThrow(message);
  });
});
