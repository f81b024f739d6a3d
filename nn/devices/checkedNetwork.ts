import type { ModelSpec } from "../engine.ts";
import type { Network, Ops } from "../ops.ts";
import { elements } from "../plan/graph.ts";

/**
 * A small network that uses every op: `checkEngine.test.ts` fails for one that is missing.
 *
 * @param input - [batch, ..spatial, channels]
 */
export const everyOp =
  (input: readonly number[]): Network =>
  (ops, image) => {
    const a = ops.leakyRelu(ops.conv(image, "a", { out: 5, size: 3 }), 0.1);
    const b = ops.relu(
      ops.norm(ops.conv(ops.maxPool(a), "b", { out: 8, size: 3 }), "b.norm", "instance"),
    );
    const c = ops.relu(ops.conv(b, "c", { out: 6, size: 3, stride: 2 }));
    const joined = ops.concat(
      ops.upsample(c, a),
      ops.upsample(ops.convTransposed(b, "d", { out: 3, size: 2 }), a),
      a,
    );
    const mixed = ops.concat(joined, combined(ops, a, b));
    const local = ops.gelu(ops.depthwise(ops.conv(mixed, "e", { out: 6, size: 1 }), "f", 3));
    const small = [...input.slice(1, -1).map((n) => Math.ceil(Math.floor(n / 2) / 2)), 6];
    const table = Float32Array.from({ length: elements(small) }, (_, i) => Math.sin(i));
    const tokens = ops.layerNorm(ops.addTable(ops.position(c, "g"), table), "g.norm", 1e-6);
    const [query, key, value] = ops.split(ops.conv(tokens, "h", { out: 12, size: 1 }), [4, 4, 4]);
    const attended =
      query && key && value ? ops.upsample(ops.attention(query, key, value, 2), a) : a;
    return ops.conv(ops.concat(local, attended), "head", { out: 3, size: 1 });
  };

/** Norms over batches and groups, residuals, gates; `b` has half the places of `a`. */
function combined<T>(ops: Ops<T>, a: T, b: T): T {
  const first = ops.relu(ops.norm(ops.conv(a, "i", { out: 6, size: 1 }), "i.norm", "batch"));
  const second = ops.norm(ops.conv(first, "j", { out: 6, size: 3 }), "j.norm", { groups: 2 });
  const sum = ops.prelu(ops.add(first, second), "sum");
  const gated = ops.multiply(sum, ops.sigmoid(ops.conv(a, "gate", { out: 1, size: 1 })));
  const grown = ops.convTransposed(b, "k", { out: 3, size: 3, stride: 2 });
  const unit = ops.norm(grown, "k.norm", "instance", { affine: false });
  return ops.concat(gated, ops.upsample(unit, a), resampled(ops, a));
}

/** Places taken together and spread out again in every way but `upsample`'s. */
function resampled<T>(ops: Ops<T>, a: T): T {
  const low = ops.resize(ops.averagePool(a, 2), a, "nearest");
  const slow = ops.resize(ops.spectralPool(a, 2), a, "corners");
  return ops.add(low, slow);
}

/** The networks that the check trains: 2D and 3D, odd sizes, channels of all remainders. */
export const checkSpecs = (): ModelSpec[] =>
  [
    [2, 9, 7, 1],
    [1, 4, 5, 6, 2],
  ].map((input) => ({
    network: everyOp(input),
    input,
    classes: 3,
    loss: { crossEntropy: 1, dice: 1 },
    optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-3, weightDecay: 0.1 },
  }));
