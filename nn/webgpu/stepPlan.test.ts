import { describe, expect, it } from "vitest";
import { unet } from "../networks/unet.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements } from "../plan/graph.ts";
import { record } from "../plan/record.ts";
import { flatWeightsOf, planTraining } from "./stepPlan.ts";
import { hardwareTuning, softwareTuning, type Tuning } from "./tuning.ts";

const optimiser = {
  kind: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;

function planOf(input: number[], width: number, norm: "none" | "instance", tuning: Tuning) {
  const network = unet({ classes: 2, width, levels: 4, norm });
  const graph = differentiate(placeConcats(fuse(record(network, input))));
  const weights = flatWeightsOf(graph);
  const loss = { crossEntropy: 1, dice: 1 };
  const plan = planTraining(graph, weights, { loss, optimiser }, { tuning, capacity: 2 ** 32 });
  const outputs = graph.nodes
    .filter((node) => node.kind === "conv")
    .reduce((sum, node) => sum + 4 * elements(graph.values[node.y]?.shape ?? []), 0);
  const parameters = [...graph.weights.values()].reduce((sum, s) => sum + 4 * elements(s), 0);
  const { arena, partials, image, labels } = plan.sizes;
  const bytes = arena + partials + image + labels + 4 * weights.vec4s * 16;
  return { plan, bytes, outputs, parameters };
}

describe("planTraining", () => {
  it.each([
    ["none", softwareTuning, 80],
    ["none", hardwareTuning, 80],
    ["instance", softwareTuning, 150],
    ["instance", hardwareTuning, 150],
  ] as const)("keeps a u-net of depth 4 short: norm %s", (norm, tuning, most) => {
    const { plan } = planOf([4, 64, 64, 1], 8, norm, tuning);
    expect(plan.dispatches.length).toBeLessThanOrEqual(most);
  });

  it.each([
    ["64 x 64, batch 4, 8 channels", [4, 64, 64, 1], 8, softwareTuning],
    ["256 x 256, batch 8, 32 channels", [8, 256, 256, 1], 32, hardwareTuning],
  ] as const)(
    "fits in 2.5 times the convolutions' outputs and 4 times the weights: %s",
    (_, input, width, tuning) => {
      const { bytes, outputs, parameters } = planOf([...input], width, "none", tuning);
      expect(bytes).toBeLessThan(2.5 * outputs + 4 * parameters);
    },
  );

  it("compiles at most 40 shaders", () => {
    const { plan } = planOf([4, 64, 64, 1], 8, "instance", softwareTuning);
    const names = new Set(plan.dispatches.map(({ kernel }) => kernel.name));
    expect(names.size).toBeLessThanOrEqual(40);
  });

  it("says what a device too small should be given instead", () => {
    const network = unet({ classes: 2, width: 8, levels: 2, norm: "none" });
    const graph = differentiate(placeConcats(fuse(record(network, [4, 64, 64, 1]))));
    const plan = () =>
      planTraining(
        graph,
        flatWeightsOf(graph),
        { loss: { crossEntropy: 1, dice: 0 }, optimiser },
        { tuning: hardwareTuning, capacity: 2 ** 20 },
      );
    expect(plan).toThrow(
      /^a step on \[4, 64, 64, 1\] needs \d+ MB in one buffer and this device allows 1 MB; use a smaller batch or patch$/,
    );
  });
});
