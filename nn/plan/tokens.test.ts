import { describe, expect, it } from "vitest";
import { describeNetwork } from "../describeNetwork.ts";
import type { Network } from "../ops.ts";
import { requireIndex } from "../requireIndex.ts";
import { ChannelLayout } from "../webgpu/channels.ts";
import { differentiate } from "./differentiate.ts";
import { fuse, placeConcats } from "./fuse.ts";
import { shapeOf, storageOf } from "./graph.ts";
import { record } from "./record.ts";

const input = [2, 4, 6, 3];
const graphOf = (network: Network) => placeConcats(fuse(record(network, input)));

const packed: Network = (ops, image) => {
  const all = ops.conv(image, "qkv", { out: 15, size: 1 });
  const [query, key, value] = ops.split(all, [5, 5, 5]) as [typeof all, typeof all, typeof all];
  return ops.conv(ops.attention(query, key, value, 1), "head", { out: 2, size: 1 });
};

describe("ops of tokens in a plan", () => {
  it("keeps the parts of a split where the whole is, forward and backward", () => {
    const graph = differentiate(graphOf(packed));
    const attention = graph.nodes.find((node) => node.kind === "attention");
    if (attention?.kind !== "attention") throw new Error("no attention");
    const roots = [attention.x, attention.key, attention.value].map((id) =>
      storageOf(graph.values, id),
    );
    expect(roots.map(({ channel }) => channel)).toEqual([0, 5, 10]);
    expect(new Set(roots.map(({ root }) => root)).size).toBe(1);
    const gradients = graph.backward.flatMap((node) =>
      node.kind.startsWith("attention") && "dx" in node ? [storageOf(graph.values, node.dx)] : [],
    );
    expect(gradients.map(({ channel }) => channel)).toEqual([0, 5, 10]);
    expect(new Set(gradients.map(({ root }) => root)).size).toBe(1);
  });

  it("lets heads and parts start at a vec4 on WebGPU", () => {
    const graph = graphOf(packed);
    const layout = new ChannelLayout(graph);
    const attention = graph.nodes.find((node) => node.kind === "attention");
    if (attention?.kind !== "attention") throw new Error("no attention");
    const starts = [attention.x, attention.key, attention.value].map(
      (id) => layout.strip(id).start,
    );
    expect(starts).toEqual([0, 2, 4]);
    expect(shapeOf(graph.values, attention.y)).toEqual([2, 4, 6, 5]);
  });

  it.each<[string, Network]>([
    [
      "every part of a split must be used",
      (ops, image) => {
        const [first] = ops.split(ops.conv(image, "a", { out: 4, size: 1 }), [2, 2]);
        return ops.conv(first as typeof image, "head", { out: 2, size: 1 });
      },
    ],
    [
      "must be used by its parts alone",
      (ops, image) => {
        const all = ops.conv(image, "a", { out: 4, size: 1 });
        const parts = ops.split(all, [2, 2]);
        return ops.conv(ops.concat(all, ...parts), "head", { out: 2, size: 1 });
      },
    ],
    [
      "must be three tensors",
      (ops, image) => {
        const x = ops.conv(image, "a", { out: 4, size: 1 });
        return ops.conv(ops.attention(x, x, x, 2), "head", { out: 2, size: 1 });
      },
    ],
  ])("refuses: %s", (message, network) => {
    expect(() => differentiate(graphOf(network))).toThrow(message);
  });

  it.each<[string, Network]>([
    [
      "parts of a split must be the 3 channels there are, got 2 + 2",
      (ops, x) => ops.split(x, [2, 2])[0] ?? x,
    ],
    ["and heads that divide them", (ops, x) => ops.attention(x, x, x, 2)],
    ["size of depthwise op must be odd, got 2", (ops, x) => ops.depthwise(x, "op", 2)],
    [
      "table must have 72 values for [2, 4, 6, 3], got 5",
      (ops, x) => ops.addTable(x, new Float32Array(5)),
    ],
    [
      "places of a pick must be 2 positive numbers, got [4]",
      (ops, x) => ops.pick(x, "list", { places: [4] }),
    ],
    [
      "patches op must fit into their input, got 4 x 6 places for patches of 6",
      (ops, x) => ops.conv(x, "op", { out: 2, size: 6, stride: 6 }),
    ],
    [
      "an odd kernel or one as large as the stride, got size 4, stride 2",
      (ops, x) => ops.conv(x, "op", { out: 2, size: 4, stride: 2 }),
    ],
  ])("refuses, described or recorded: %s", (message, network) => {
    expect(() => describeNetwork(network, input)).toThrow(message);
    expect(() => record(network, input)).toThrow(message);
  });

  it("asks for every list of places, as long as planned and within what there is", () => {
    const planned = { count: 3, from: 4 };
    const indices = new Map([["list", Int32Array.of(3, -1, 0)]]);
    expect(requireIndex(indices, "list", planned)).toEqual(Int32Array.of(3, -1, 0));
    expect(() => requireIndex(undefined, "list", planned)).toThrow(
      "indices must hold 3 places as list, got none",
    );
    expect(() => requireIndex(indices, "list", { count: 4, from: 4 })).toThrow("got 3");
    expect(() => requireIndex(indices, "list", { count: 3, from: 3 })).toThrow(
      "places of list must be below 3, or -1 for the token, got 3",
    );
  });

  it("keeps no gaps between the channels that a layer norm sees on WebGPU", () => {
    const graph = graphOf((ops, image) => {
      const a = ops.conv(image, "a", { out: 5, size: 1 });
      const b = ops.conv(image, "b", { out: 3, size: 1 });
      return ops.conv(ops.layerNorm(ops.concat(a, b), "norm", 1e-5), "head", { out: 2, size: 1 });
    });
    const layout = new ChannelLayout(graph);
    const norm = graph.nodes.find((node) => node.kind === "layerNorm");
    if (norm?.kind !== "layerNorm") throw new Error("no layer norm");
    expect(() => layout.requirePlain(norm.x)).toThrow("put a convolution between them");
  });
});
