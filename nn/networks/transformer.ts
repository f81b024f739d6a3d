import type { Ops } from "../ops.ts";

/** Of linear layers before training, as in the papers of the transformers here. */
const deviation = 0.02;

/** A matrix product over the channels of each place, with bias unless told otherwise. */
export const linear = <T>(ops: Ops<T>, x: T, name: string, out: number, bias = true): T =>
  ops.conv(x, name, { out, size: 1, bias, deviation });

/** Attention of all places to each other: `name.qkv` [width, 3 width], `name.proj`. */
export function selfAttention<T>(
  ops: Ops<T>,
  x: T,
  options: {
    readonly width: number;
    readonly heads: number;
    readonly qkv: string;
    readonly proj: string;
    readonly qkvBias: boolean;
  },
): T {
  const { width, heads } = options;
  const all = linear(ops, x, options.qkv, 3 * width, options.qkvBias);
  const [query, key, value] = ops.split(all, [width, width, width]) as [T, T, T];
  return linear(ops, ops.attention(query, key, value, heads), options.proj, width);
}

/** Names of the layers of a block, after its own name and a dot. */
export interface BlockNames {
  readonly proj: string;
  readonly first: string;
  readonly second: string;
}

export interface BlockOptions {
  readonly width: number;
  readonly heads: number;
  /** Channels between the two linear layers. */
  readonly hidden: number;
  readonly epsilon: number;
  readonly qkvBias: boolean;
  readonly names: BlockNames;
}

/**
 * Pre-norm block of a vision transformer: x + attention(norm x), then x + mlp(norm x).
 *
 * Source: Dosovitskiy et al. 2021, arXiv:2010.11929.
 */
export function transformerBlock<T>(ops: Ops<T>, x: T, name: string, options: BlockOptions): T {
  const { width, heads, hidden, epsilon, qkvBias, names } = options;
  const attended = selfAttention(ops, ops.layerNorm(x, `${name}.norm1`, epsilon), {
    ...{ width, heads, qkvBias, qkv: `${name}.attn.qkv`, proj: `${name}.${names.proj}` },
  });
  const mixed = ops.add(x, attended);
  const wide = linear(
    ops,
    ops.layerNorm(mixed, `${name}.norm2`, epsilon),
    `${name}.${names.first}`,
    hidden,
  );
  return ops.add(mixed, linear(ops, ops.gelu(wide), `${name}.${names.second}`, width));
}
