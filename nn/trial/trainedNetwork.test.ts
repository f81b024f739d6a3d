import { describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "#core/formats/safetensors.ts";
import { seededRandom } from "#core/random.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { initialWeights } from "../weights.ts";
import { networks } from "./methods.ts";
import { type NetworkCard, networkFile, readNetworkFile } from "./trainedNetwork.ts";

const card: NetworkCard = {
  format: "slicewise network 1",
  network: "unet3d",
  networkSize: "XS",
  classes: [{ name: "liver", labels: [1, 3] }],
  patch: [8, 16, 16],
  intensities: "mean 0, variance 1 per volume",
  trial: "t",
  experiment: "e",
  training: { iterations: 3 },
};
const { network } = networks.unet3d("XS", 2);
const weights = initialWeights(describeNetwork(network, [1, 8, 16, 16, 1]), seededRandom(1));
const file = networkFile({ card, weights });

describe("a trained network as a file", () => {
  it("comes back as it was, card and weights", () => {
    expect(readNetworkFile(file)).toEqual({ card, weights });
  });

  it("names every weight that is missing, misshapen or unknown", () => {
    const { tensors, metadata } = readSafetensors(file);
    const changed = new Map(tensors);
    changed.delete("a1.c1.bn.mean");
    changed.set("out.bias", { shape: [3], values: new Float32Array(3) });
    changed.set("tail", { shape: [1], values: new Float32Array(1) });
    expect(() => readNetworkFile(writeSafetensors({ tensors: changed, metadata }))).toThrow(
      "the weights do not fit their network: out.bias must be [2], got [3]; a1.c1.bn.mean is missing; tail is unknown",
    );
  });

  it("refuses weights of other programs", () => {
    const { tensors } = readSafetensors(file);
    expect(() => readNetworkFile(writeSafetensors({ tensors, metadata: {} }))).toThrow(
      "the weights have no card of this program",
    );
  });
});
