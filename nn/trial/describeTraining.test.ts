import { describe, expect, it } from "vitest";
import { parseExperiment } from "#core/experiment/experiment.ts";
import type { NetworkName } from "#core/experiment/methods.ts";
import { trainingOf } from "#core/experiment/trial.ts";
import { describeTraining } from "./describeTraining.ts";

const lists = { densities: [0.1], volumeFractions: [1], strategies: ["fixedInterval"] };

function factsOf(network: NetworkName, change: object = {}) {
  const experiment = parseExperiment({ ...lists, networks: [network], ...change });
  const training = trainingOf(experiment, network);
  return describeTraining({ network, training, classes: 2, shapes: [[30, 60, 60]] });
}

describe("describeTraining", () => {
  it("counts parameters and estimates memory", () => {
    const { parameters, bytes, problem } = factsOf("unet2d");
    expect(problem).toBeNull();
    // The same network has as many weights whatever it is shown.
    expect(factsOf("unet2d", { patch: [32, 32] }).parameters).toBe(parameters);
    expect(bytes).toBeGreaterThan(16 * (parameters ?? 0));
    expect(factsOf("unet2d", { batchSize: 16 }).bytes).toBeGreaterThan(1.8 * (bytes ?? 0));
  });

  it.each([
    ["unet2d", { patch: [8, 8] }, /2D U-Net cannot take patches of 8 x 8 \(.*multiples of 8/],
    [
      "unet3d",
      { networkSize: "paper", patch3d: [256, 256, 256] },
      /3D U-Net needs about \d+\.\d GiB for batches of 2 patches of 256 x 256 x 256, 4 GiB can be used/,
    ],
  ] as const)("says why %s cannot train by %j", (network, change, words) => {
    expect(factsOf(network, change)).toMatchObject({ parameters: null, bytes: null });
    expect(factsOf(network, change).problem).toMatch(words);
  });
});
