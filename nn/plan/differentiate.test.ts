import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#core/random.ts";
import type { Network } from "../ops.ts";
import { differentiate } from "./differentiate.ts";
import { fuse, placeConcats } from "./fuse.ts";
import { elements } from "./graph.ts";
import { Interpreter } from "./interpret.ts";
import { record } from "./record.ts";

const unet: Network = (ops, image) => {
  const block = <T>(o: typeof ops, x: Parameters<typeof o.relu>[0], name: string, out: number) =>
    o.relu(o.norm(o.conv(x, name, { out, size: 3 }), `${name}.norm`, "instance")) as T & typeof x;
  const a = block(ops, image, "a", 3);
  const b = block(ops, ops.maxPool(a), "b", 5);
  const joined = ops.concat(ops.upsample(b, a), a);
  return ops.conv(block(ops, joined, "c", 2), "head", { out: 3, size: 1 });
};

const networks: Record<string, { network: Network; input: number[]; classes: number }> = {
  "a u-net with instance norm": { network: unet, input: [2, 5, 6, 2], classes: 3 },
  "a 3d u-net": { network: unet, input: [1, 2, 5, 3, 1], classes: 3 },
  "transposed convolution, skip first": {
    network: (ops, image) => {
      const a = ops.leakyRelu(ops.conv(image, "a", { out: 2, size: 3 }), 0.1);
      const b = ops.leakyRelu(ops.conv(ops.maxPool(a), "b", { out: 3, size: 3 }), 0.1);
      const joined = ops.concat(a, ops.convTransposed(b, "up", { out: 2, size: 2 }));
      return ops.conv(joined, "head", { out: 2, size: 1 });
    },
    input: [2, 4, 6, 1],
    classes: 2,
  },
  "stride, dilation, no bias": {
    network: (ops, image) => {
      const a = ops.relu(ops.conv(image, "a", { out: 3, size: 3, stride: 2 }));
      const b = ops.conv(a, "b", { out: 2, size: 3, dilation: 2, bias: false });
      return ops.upsample(b, image);
    },
    input: [1, 7, 5, 2],
    classes: 2,
  },
  "batch and group norm, residuals": {
    network: (ops, image) => {
      const a = ops.relu(ops.norm(ops.conv(image, "a", { out: 4, size: 3 }), "an", "batch"));
      const b = ops.norm(ops.conv(a, "b", { out: 4, size: 3 }), "bn", { groups: 2 });
      const c = ops.leakyRelu(ops.add(a, b), 0.2);
      const d = ops.norm(ops.add(c, ops.norm(c, "cn", "batch", { affine: false })), "dn", {
        groups: 1,
      });
      return ops.conv(d, "head", { out: 2, size: 1 });
    },
    input: [2, 4, 3, 1],
    classes: 2,
  },
  "a gate, a sigmoid and a learned slope in 3d": {
    network: (ops, image) => {
      const a = ops.conv(image, "a", { out: 3, size: 1 });
      const gate = ops.sigmoid(ops.conv(ops.relu(a), "g", { out: 1, size: 1 }));
      const gated = ops.prelu(ops.multiply(a, gate), "p");
      const b = ops.conv(gated, "b", { out: 3, size: 3, stride: 2 });
      const up = ops.convTransposed(b, "up", { out: 3, size: 3, stride: 2 });
      return ops.conv(ops.multiply(up, gated), "head", { out: 2, size: 1 });
    },
    input: [1, 2, 4, 2, 1],
    classes: 2,
  },
  "parts joined twice, activations read twice, the image joined": {
    network: (ops, image) => {
      const a = ops.conv(image, "a", { out: 2, size: 3 });
      const b = ops.relu(a);
      const joined = ops.concat(b, a, image, b);
      const c = ops.relu(ops.conv(joined, "b", { out: 2, size: 1 }));
      return ops.concat(ops.conv(ops.concat(c, b), "c", { out: 1, size: 3 }), c);
    },
    input: [1, 4, 3, 1],
    classes: 3,
  },
};

const loss = { crossEntropy: 1, dice: 0.7 };

function setUp(network: Network, input: number[], classes: number, seed: number) {
  const graph = differentiate(placeConcats(fuse(record(network, input))));
  const random = seededRandom(seed);
  const normal = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const weights = new Map([...graph.weights].map(([name, s]) => [name, normal(elements(s))]));
  const image = normal(elements(input));
  const labels = Uint8Array.from({ length: elements(input.slice(0, -1)) }, () =>
    random.uniform() < 0.2 ? 255 : random.integer(classes),
  );
  const lossAt = () => {
    const interpreter = new Interpreter(graph, weights);
    interpreter.forward(image);
    interpreter.backward(graph.backward, labels, loss);
    return interpreter;
  };
  return { graph, weights, lossAt, normal };
}

describe("differentiate", () => {
  it.each(Object.entries(networks))("gives the slope of the loss: %s", (_, sample) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const { network, input, classes } = sample;
        const { weights, lossAt, normal } = setUp(network, input, classes, seed);
        const { gradients } = lossAt();
        for (const [name, weight] of weights) {
          const direction = normal(weight.length);
          const start = Float64Array.from(weight);
          const gradient = gradients.get(name);
          const slope = direction.reduce((sum, d, i) => sum + d * (gradient?.[i] ?? Number.NaN), 0);
          const lossNear = (step: number) => {
            weight.set(start.map((w, i) => w + step * (direction[i] ?? 0)));
            return lossAt().loss;
          };
          const measured = (lossNear(1e-6) - lossNear(-1e-6)) / 2e-6;
          weight.set(start);
          expect(Math.abs(slope - measured), name).toBeLessThan(2e-5 * (1 + Math.abs(slope)));
        }
      }),
      { numRuns: 4, seed: 7 },
    );
  });

  it("leaves no op for activation and joining in a u-net", () => {
    const graph = placeConcats(fuse(record(unet, [2, 8, 8, 1])));
    const kinds = graph.nodes.map((node) => node.kind).filter((kind) => kind !== "concat");
    expect(kinds).toEqual([
      ...["conv", "norm", "maxPool", "conv", "norm", "upsample", "conv", "norm", "conv"],
    ]);
  });

  it("refuses a weight that does not reach the output", () => {
    const network: Network = (ops, image) => {
      ops.conv(image, "lost", { out: 2, size: 1 });
      return ops.conv(image, "head", { out: 2, size: 1 });
    };
    expect(() => differentiate(record(network, [1, 2, 2, 1]))).toThrow(
      "every weight of a network must reach its output, got lost.kernel that does not",
    );
  });
});
