import type { Network, Ops } from "../ops.ts";
import { linear } from "./transformer.ts";

/** Per stage, from a quarter of the resolution down. */
type PerStage = readonly [number, number, number, number];

export interface SegFormerOptions {
  /** Channels of the logits, background included. */
  readonly classes: number;
  readonly dims: PerStage;
  readonly depths: PerStage;
  readonly heads: PerStage;
  /** Channels in the decoder. */
  readonly decoder: number;
}

/** The published encoders B0 to B5, and "mini", half as wide as B0, which is ours. */
export const mixTransformers = {
  mini: { dims: [16, 32, 80, 128], depths: [2, 2, 2, 2], decoder: 64 },
  b0: { dims: [32, 64, 160, 256], depths: [2, 2, 2, 2], decoder: 256 },
  b1: { dims: [64, 128, 320, 512], depths: [2, 2, 2, 2], decoder: 256 },
  b2: { dims: [64, 128, 320, 512], depths: [3, 4, 6, 3], decoder: 768 },
  b3: { dims: [64, 128, 320, 512], depths: [3, 4, 18, 3], decoder: 768 },
  b4: { dims: [64, 128, 320, 512], depths: [3, 8, 27, 3], decoder: 768 },
  b5: { dims: [64, 128, 320, 512], depths: [3, 6, 40, 3], decoder: 768 },
} as const satisfies Record<string, Pick<SegFormerOptions, "dims" | "depths" | "decoder">>;

export type MixTransformerName = keyof typeof mixTransformers;

const reductions: PerStage = [8, 4, 2, 1];
const blockEpsilon = 1e-6;
/** Of the norms after patches and reductions. */
const patchEpsilon = 1e-5;

/**
 * SegFormer: a mix transformer, and a decoder of linear layers over its four scales. Slices of
 * at least 32 x 32.
 *
 * Source: Xie et al. 2021, arXiv:2105.15203. Stochastic depth and dropout are left out.
 */
export function segFormer(name: MixTransformerName, classes: number): Network {
  const coarse = coarseSegFormer({ ...mixTransformers[name], heads: [1, 2, 5, 8], classes });
  return (ops, image) => ops.upsample(coarse(ops, image), image);
}

/** The logits at a quarter of the resolution, as the decoder gives them. */
export function coarseSegFormer(options: SegFormerOptions): Network {
  return (ops, image) => {
    const scales = [];
    let x = image;
    for (const stage of [0, 1, 2, 3] as const) {
      x = encoderStage(ops, x, stage, options);
      scales.push(x);
    }
    return decode(ops, scales, options);
  };
}

function encoderStage<T>(
  ops: Ops<T>,
  image: T,
  stage: 0 | 1 | 2 | 3,
  { dims, depths, heads }: SegFormerOptions,
): T {
  const [width, number] = [dims[stage], stage + 1];
  const embedding = `backbone.patch_embed${number}`;
  const window = stage === 0 ? { size: 7, stride: 4 } : { size: 3, stride: 2 };
  const embedded = ops.conv(image, `${embedding}.proj`, { out: width, ...window });
  let x = ops.layerNorm(embedded, `${embedding}.norm`, patchEpsilon);
  for (let index = 0; index < depths[stage]; index++) {
    const name = `backbone.block${number}.${index}`;
    const sizes = { width, heads: heads[stage], reduction: reductions[stage] };
    const normed = ops.layerNorm(x, `${name}.norm1`, blockEpsilon);
    x = ops.add(x, reducedAttention(ops, normed, `${name}.attn`, sizes));
    x = ops.add(
      x,
      mixFeedForward(ops, ops.layerNorm(x, `${name}.norm2`, blockEpsilon), name, width),
    );
  }
  return ops.layerNorm(x, `backbone.norm${number}`, blockEpsilon);
}

/** Attention to fewer places: keys and values are of patches of `reduction` x `reduction`. */
export function reducedAttention<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  sizes: { readonly width: number; readonly heads: number; readonly reduction: number },
): T {
  const { width, heads, reduction } = sizes;
  const query = linear(ops, x, `${name}.q`, width);
  let source = x;
  if (reduction > 1) {
    const window = { out: width, size: reduction, stride: reduction };
    source = ops.layerNorm(ops.conv(x, `${name}.sr`, window), `${name}.norm`, patchEpsilon);
  }
  const [key, value] = ops.split(linear(ops, source, `${name}.kv`, 2 * width), [width, width]) as [
    T,
    T,
  ];
  return linear(ops, ops.attention(query, key, value, heads), `${name}.proj`, width);
}

/** Two linear layers with a depthwise convolution between, which tells places apart. */
export function mixFeedForward<T>(
  ops: Ops<T>,
  x: T,
  block: string,
  width: number,
  hidden = 4 * width,
): T {
  const wide = linear(ops, x, `${block}.mlp.fc1`, hidden);
  const mixed = ops.gelu(ops.depthwise(wide, `${block}.mlp.dwconv.dwconv`, 3));
  return linear(ops, mixed, `${block}.mlp.fc2`, width);
}

function decode<T>(ops: Ops<T>, scales: readonly T[], { decoder, classes }: SegFormerOptions): T {
  const [finest] = scales as [T];
  const grown = scales.map((x, stage) => {
    const projected = linear(ops, x, `decode_head.linear_c${stage + 1}.proj`, decoder);
    return stage === 0 ? projected : ops.upsample(projected, finest);
  });
  const joined = ops.concat(...grown.reverse());
  const fused = linear(ops, joined, "decode_head.linear_fuse.conv", decoder, false);
  const normed = ops.relu(ops.norm(fused, "decode_head.linear_fuse.bn", "batch"));
  return linear(ops, normed, "decode_head.linear_pred", classes);
}
