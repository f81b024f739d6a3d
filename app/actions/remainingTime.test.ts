import { describe, expect, it } from "vitest";
import { type RunClock, remainingSeconds } from "./remainingTime.ts";

const trial = (network: "unet2d" | "unet3d" = "unet2d") => ({
  configuration: { network },
  training: { iterations: 100 },
});
const clock: RunClock = {
  waiting: [trial(), trial(), trial()],
  progress: null,
  ended: [],
  speeds: {},
  testSlices: 40,
};
const unet2d = { secondsPerStep: 0.5, secondsPerSlice: 0.25, secondsPerStart: 10 };
const speeds = { unet2d };
const ended = (seconds: number, secondsPerStep: number) => ({
  ...trial(),
  status: "done" as const,
  seconds,
  secondsPerStep,
});
const training = (step: number, secondsPerStep = 2) => ({
  phase: "train" as const,
  step,
  steps: 100,
  loss: 1,
  secondsPerStep,
});

describe("remainingSeconds", () => {
  it.each([
    { what: "nothing was measured", change: {}, expected: null },
    // A trial by calibration: 100 x 0.5 + 10 + 40 x 0.25 = 70.
    { what: "only calibration is known", change: { speeds }, expected: 3 * 70 },
    {
      what: "the first trial trains",
      change: { progress: training(25) },
      expected: 2 * 200 + 0.75 * 200,
    },
    {
      what: "the first trial trains on a calibrated device",
      change: { progress: training(25), speeds },
      expected: 2 * 220 + (0.75 * 200 + 20),
    },
    {
      what: "trials ended: the median of their steps and of what they took besides",
      change: { ended: [ended(130, 1), ended(340, 3), ended(220, 2)], speeds },
      expected: 3 * (200 + 30),
    },
    {
      what: "a trial is scored",
      change: {
        ended: [ended(220, 2)],
        progress: { phase: "evaluate" as const, step: 3, steps: 4 },
      },
      expected: 2 * 220 + 5,
    },
    {
      what: "only failed trials ended",
      change: {
        ended: [{ ...trial(), status: "failed" as const, seconds: 9, secondsPerStep: null }],
      },
      expected: null,
    },
    { what: "nothing is left", change: { waiting: [] }, expected: 0 },
    {
      what: "one of two networks was measured",
      change: { waiting: [trial(), trial("unet3d")], speeds },
      expected: null,
    },
    {
      what: "each of two networks has its own speed",
      change: {
        waiting: [trial(), trial("unet3d")],
        speeds: { unet2d, unet3d: { ...unet2d, secondsPerStep: 3 } },
      },
      expected: 70 + 320,
    },
  ])("is $expected s when $what", ({ change, expected }) => {
    expect(remainingSeconds({ ...clock, ...change })).toEqual(expected);
  });
});
