import type { Network, Ops } from "../ops.ts";
import { type BlockOptions, transformerBlock } from "./transformer.ts";

export interface UnetrOptions {
  /** Channels of the logits, background included. */
  readonly classes: number;
  /** Channels at full resolution. */
  readonly features: number;
  /** Channels of the transformer. */
  readonly hidden: number;
  readonly heads: number;
  /** Channels between the linear layers of a block. */
  readonly mlp: number;
}

/** Sides of a patch, voxels: four halvings. */
export const unetrPatch = 16;

const depth = 12;

/**
 * UNETR: a vision transformer over patches of 16 x 16 x 16 voxels, whose states after blocks 4, 7
 * and 10 and at the end are grown back to the resolutions of a U-Net decoder. Every axis of the
 * input is a multiple of 16, and always the one the positions were learned for.
 *
 * Source: Hatamizadeh et al. 2022, doi:10.1109/WACV51458.2022.00181; MONAI 1.5 `UNETR` with
 * residual blocks and instance norm without weights.
 */
export function unetr(options: UnetrOptions): Network {
  const { features, classes } = options;
  return (ops, image) => {
    const states = encode(ops, image, options);
    const full = residualBlock(ops, image, "encoder1.layer", 1, features);
    const half = growing(ops, states[0], "encoder2", 2 * features, 2);
    const quarter = growing(ops, states[1], "encoder3", 4 * features, 1);
    const eighth = growing(ops, states[2], "encoder4", 8 * features, 0);
    let x = decoded(ops, states[3], eighth, "decoder5", 8 * features);
    x = decoded(ops, x, quarter, "decoder4", 4 * features);
    x = decoded(ops, x, half, "decoder3", 2 * features);
    x = decoded(ops, x, full, "decoder2", features);
    return ops.conv(x, "out.conv.conv", { out: classes, size: 1 });
  };
}

/** The states after blocks 4, 7 and 10, and the last one. */
function encode<T>(
  ops: Ops<T>,
  image: T,
  { hidden, heads, mlp }: UnetrOptions,
): readonly [T, T, T, T] {
  const window = { out: hidden, size: unetrPatch, stride: unetrPatch };
  const patches = ops.conv(image, "vit.patch_embedding.patch_embeddings", window);
  let x = ops.position(patches, "vit.patch_embedding.position_embeddings");
  const options: BlockOptions = {
    ...{ width: hidden, heads, hidden: mlp, epsilon: 1e-5, qkvBias: false },
    names: { proj: "attn.out_proj", first: "mlp.linear1", second: "mlp.linear2" },
  };
  const states: T[] = [];
  for (let index = 0; index < depth; index++) {
    x = transformerBlock(ops, x, `vit.blocks.${index}`, options);
    states.push(x);
  }
  const last = ops.layerNorm(x, "vit.norm", 1e-5);
  return [states[3], states[6], states[9], last] as [T, T, T, T];
}

/** Doubles the resolution once, and once more with a residual block for each of `blocks`. */
function growing<T>(ops: Ops<T>, x: T, name: string, out: number, blocks: number): T {
  let y = doubled(ops, x, `${name}.transp_conv_init.conv`, out);
  for (let index = 0; index < blocks; index++) {
    y = doubled(ops, y, `${name}.blocks.${index}.0.conv`, out);
    y = residualBlock(ops, y, `${name}.blocks.${index}.1`, out, out);
  }
  return y;
}

function decoded<T>(ops: Ops<T>, x: T, skip: T, name: string, out: number): T {
  const grown = doubled(ops, x, `${name}.transp_conv.conv`, out);
  return residualBlock(ops, ops.concat(grown, skip), `${name}.conv_block`, 2 * out, out);
}

const doubled = <T>(ops: Ops<T>, x: T, name: string, out: number): T =>
  ops.convTransposed(x, name, { out, size: 2, bias: false });

const slope = 0.01;

function residualBlock<T>(ops: Ops<T>, x: T, name: string, from: number, out: number): T {
  const convolved = (y: T, part: string, size: number) =>
    ops.norm(
      ops.conv(y, `${name}.${part}.conv`, { out, size, bias: false }),
      `${name}.${part}.norm`,
      "instance",
      { affine: false },
    );
  const first = ops.leakyRelu(convolved(x, "conv1", 3), slope);
  const second = convolved(first, "conv2", 3);
  const skip = from === out ? x : convolved(x, "conv3", 1);
  return ops.leakyRelu(ops.add(second, skip), slope);
}
