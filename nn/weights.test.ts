import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import { describeNetwork } from "./describeNetwork.ts";
import { basicUnet } from "./networks/basicUnet.ts";
import { unet } from "./networks/unet.ts";
import { initialWeights } from "./weights.ts";

describe("initialWeights", () => {
  const options = { classes: 2, width: 16, norm: "instance" } as const;
  const input = [1, 32, 32, 1];
  const weights = initialWeights(
    describeNetwork(unet({ ...options, levels: 3 }), input),
    seededRandom(1),
  );

  it.each([
    ["down0.b.kernel", 9 * 16],
    ["up0.a.kernel", 9 * 48],
    ["down2.b.kernel", 9 * 64],
  ] as const)("draws %s with variance 2 over its fan in", (name, fanIn) => {
    const values = weights.get(name) ?? new Float32Array();
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
    const standardError = Math.sqrt(2 / fanIn / values.length);
    expect(Math.abs(mean)).toBeLessThan(4 * standardError);
    expect(variance / (2 / fanIn)).toBeGreaterThan(0.9);
    expect(variance / (2 / fanIn)).toBeLessThan(1.1);
  });

  it("starts biases and shifts at 0 and scales at 1", () => {
    for (const [name, values] of weights) {
      if (name.endsWith(".kernel")) continue;
      expect(new Set(values), name).toEqual(new Set([name.endsWith(".scale") ? 1 : 0]));
    }
  });

  it("gives a layer the same weights whatever other layers there are", () => {
    const deeper = initialWeights(
      describeNetwork(unet({ ...options, levels: 4 }), input),
      seededRandom(1),
    );
    for (const name of ["down0.a.kernel", "down2.b.kernel", "up0.b.kernel"]) {
      expect(deeper.get(name)).toEqual(weights.get(name));
    }
  });

  it("takes the inputs alone as fan in of a transposed convolution", () => {
    const network = basicUnet({ classes: 2, features: [4, 4, 8, 16, 16, 4] });
    const { fanIn } = describeNetwork(network, [1, 32, 32, 1]);
    expect(fanIn.get("upcat_4.upsample.deconv.kernel")).toBe(16);
  });
});
