import type { Network, Ops } from "../ops.ts";

export interface AttentionUnetOptions {
  /** Channels of the logits, background included. */
  readonly classes: number;
  /** Channels of each level from full resolution down. */
  readonly channels: readonly number[];
}

/**
 * Attention U-Net in 2D or 3D, in MONAI's form: strided convolutions down, transposed ones up,
 * and on every skip a gate that the level below opens and closes place by place. Input sizes
 * are multiples of 2 ** (levels - 1).
 *
 * Source: Oktay et al. 2018, arXiv:1804.03999; the gate stands at the resolution of the skip.
 */
export function attentionUnet({ classes, channels }: AttentionUnetOptions): Network {
  return (ops, image) => {
    const [first = 1] = channels;
    const top = twoConvs(ops, image, "model.0", { out: first, stride: 1 });
    const x = level(ops, top, "model.1", channels);
    return ops.conv(x, "model.2.conv", { out: classes, size: 1 });
  };
}

/** Everything below `skip`, whose channels are the first of the list, and back up to it. */
function level<T>(ops: Ops<T>, skip: T, name: string, channels: readonly number[]): T {
  const [out = 1, below = 1, ...deeper] = channels;
  const isDeepest = deeper.length === 0;
  const block = isDeepest ? `${name}.submodule` : `${name}.submodule.0`;
  let x = twoConvs(ops, skip, block, { out: below, stride: 2 });
  if (!isDeepest) x = level(ops, x, `${name}.submodule.1`, [below, ...deeper]);
  const up = `${name}.upconv.up`;
  const grown = ops.convTransposed(x, `${up}.conv`, { out, size: 3, stride: 2 });
  const signal = ops.relu(ops.norm(grown, `${up}.adn.N`, "batch"));
  const gated = gate(ops, signal, skip, { name: `${name}.attention`, inner: Math.floor(out / 2) });
  const merged = ops.conv(ops.concat(gated, signal), `${name}.merge.conv`, { out, size: 3 });
  const unit = ops.norm(merged, `${name}.merge.adn.N`, "instance", { affine: false });
  return ops.prelu(unit, `${name}.merge.adn.A`);
}

function gate<T>(
  ops: Ops<T>,
  signal: T,
  skip: T,
  { name, inner }: { name: string; inner: number },
): T {
  const mixed = (x: T, part: string, out: number) =>
    ops.norm(ops.conv(x, `${name}.${part}.0.conv`, { out, size: 1 }), `${name}.${part}.1`, "batch");
  const both = ops.relu(ops.add(mixed(signal, "W_g", inner), mixed(skip, "W_x", inner)));
  return ops.multiply(skip, ops.sigmoid(mixed(both, "psi", 1)));
}

function twoConvs<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  { out, stride }: { out: number; stride: number },
): T {
  for (const [part, step] of [stride, 1].entries()) {
    const y = ops.conv(x, `${name}.conv.${part}.conv`, { out, size: 3, stride: step });
    x = ops.relu(ops.norm(y, `${name}.conv.${part}.adn.N`, "batch"));
  }
  return x;
}
