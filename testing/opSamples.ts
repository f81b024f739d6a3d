import fc from "fast-check";
import type { Network, Ops } from "../nn/ops.ts";

/** An op in the middle of a network; the result may be smaller or larger than `x`. */
type Apply = <T>(ops: Ops<T>, x: T, image: T) => T;

const convolution = fc
  .record({
    out: fc.integer({ min: 1, max: 9 }),
    kind: fc.constantFrom(
      { size: 3, slope: 0 },
      { size: 3, slope: 0.1, bias: false },
      { size: 1, slope: 0 },
      { size: 3, slope: 0, stride: 2 },
      { size: 3, slope: 0, dilation: 2 },
    ),
  })
  .map(({ out, kind }): Apply => {
    const { slope, ...options } = kind;
    return (ops, x, image) =>
      ops.upsample(ops.leakyRelu(ops.conv(x, "op", { out, ...options }), slope), image);
  });

const six = <T>(ops: Ops<T>, x: T, name = "a"): T => ops.conv(x, name, { out: 6, size: 1 });
const three = <T>(ops: Ops<T>, x: T, name: string): T => ops.conv(x, name, { out: 3, size: 1 });

const anyOp = fc.oneof(
  { weight: 2, arbitrary: convolution },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Apply>(
      (ops, x, image) => ops.upsample(ops.convTransposed(x, "op", { out: 5, size: 2 }), image),
      (ops, x) => ops.relu(ops.norm(x, "op", "instance")),
      (ops, x) => ops.relu(ops.norm(x, "op", "batch", { epsilon: 1e-3 })),
      (ops, x) => ops.norm(ops.relu(x), "op", "batch", { affine: false }),
      (ops, x) => ops.leakyRelu(ops.norm(six(ops, x), "op", { groups: 1 }), 0.1),
      (ops, x) => ops.norm(six(ops, x), "op", { groups: 3 }, { affine: false }),
      (ops, x) => ops.norm(ops.concat(six(ops, x), six(ops, x, "b")), "op", { groups: 4 }),
      (ops, x) => ops.relu(ops.add(six(ops, x), six(ops, x, "b"))),
      (ops, x) => ops.add(six(ops, x), ops.concat(three(ops, x, "b"), three(ops, x, "c"))),
      (ops, x) => ops.multiply(x, ops.sigmoid(ops.conv(x, "op", { out: 1, size: 1 }))),
      (ops, x) => ops.multiply(ops.sigmoid(ops.concat(x, x)), ops.concat(x, x)),
      (ops, x) => ops.prelu(x, "op"),
      (ops, x, image) => ops.resize(ops.relu(ops.maxPool(x)), image, "corners"),
      (ops, x, image) => ops.resize(ops.averagePool(ops.concat(x, x), 2), image, "nearest"),
      (ops, x) => ops.multiply(x, ops.resize(ops.averagePool(x, "all"), x, "nearest")),
      (ops, x, image) => ops.upsample(ops.spectralPool(x, 2), image),
      (ops, x, image) =>
        ops.upsample(ops.relu(ops.convTransposed(x, "op", { out: 5, size: 3, stride: 2 })), image),
      (ops, x) => ops.norm(ops.leakyRelu(x, 0.2), "op", "instance"),
      (ops, x) => ops.concat(ops.upsample(ops.maxPool(x), x), x),
      (ops, x, image) => ops.upsample(ops.maxPool(ops.relu(x)), image),
      (ops, x, image) => ops.concat(ops.relu(x), image, x),
    ),
  },
);

/** A network around one op, and its input: `spatial` sizes, `channels` of the image. */
export const opSample = fc.record({
  spatial: fc.oneof(
    fc.tuple(fc.integer({ min: 2, max: 13 }), fc.integer({ min: 2, max: 19 })),
    fc.tuple(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 2, max: 7 }),
    ),
  ),
  batch: fc.integer({ min: 1, max: 3 }),
  channels: fc.constantFrom(1, 3, 4),
  width: fc.constantFrom(1, 3, 4, 5, 8, 17),
  classes: fc.constantFrom(2, 3, 5),
  op: anyOp,
  seed: fc.integer({ min: 0, max: 1e6 }),
});

/** The network of a sample. */
export function sampleNetwork({ op, width, classes }: OpSample): Network {
  return (ops, image) => {
    const x = ops.conv(image, "before", { out: width, size: 3 });
    return ops.conv(op(ops, x, image), "after", { out: classes, size: 1 });
  };
}

type OpSample = typeof opSample extends fc.Arbitrary<infer S> ? S : never;
