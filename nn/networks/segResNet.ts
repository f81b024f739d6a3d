import type { Network, Ops } from "../ops.ts";

export interface SegResNetOptions {
  /** Channels of the logits, background included. */
  readonly classes: number;
  /** Channels at full resolution, a multiple of `groups`; doubled at each level. */
  readonly width: number;
  /** Groups of every norm. */
  readonly groups?: number;
  /** Residual blocks of each level from full resolution down. */
  readonly down?: readonly number[];
  /** Residual blocks of each level on the way up. */
  readonly up?: readonly number[];
}

/**
 * SegResNet in 2D or 3D, as MONAI has it: residual blocks of group norm, ReLU and convolution,
 * strided convolutions down, linear interpolation up, skips added. The branch that reconstructs
 * the image, which the original trains along, is left out. Input sizes are multiples of
 * 2 ** (levels - 1).
 *
 * Source: Myronenko 2018, arXiv:1810.11654.
 */
export function segResNet(options: SegResNetOptions): Network {
  const { classes, width, groups = 8, down = [1, 2, 2, 4], up = [1, 1, 1] } = options;
  return (ops, image) => {
    const skips = encoded(ops, image, { width, groups, down });
    let x = skips.at(-1) ?? image;
    for (const [step, blocks] of up.entries()) {
      const level = down.length - 2 - step;
      const out = width * 2 ** level;
      const skip = skips[level] ?? x;
      const half = ops.conv(x, `up_samples.${step}.0.conv`, { out, size: 1, bias: false });
      x = ops.add(ops.upsample(half, skip), skip);
      for (let block = 0; block < blocks; block++)
        x = residual(ops, x, `up_layers.${step}.${block}`, { out, groups });
    }
    const last = ops.relu(ops.norm(x, "conv_final.0", { groups }));
    return ops.conv(last, "conv_final.2.conv", { out: classes, size: 1 });
  };
}

/** The result of each level from full resolution down. */
function encoded<T>(
  ops: Ops<T>,
  image: T,
  { width, groups, down }: { width: number; groups: number; down: readonly number[] },
): T[] {
  let x = ops.conv(image, "convInit.conv", { out: width, size: 3, bias: false });
  return down.map((blocks, level) => {
    const name = `down_layers.${level}`;
    const out = width * 2 ** level;
    if (level > 0) x = ops.conv(x, `${name}.0.conv`, { out, size: 3, stride: 2, bias: false });
    for (let block = 1; block <= blocks; block++)
      x = residual(ops, x, `${name}.${block}`, { out, groups });
    return x;
  });
}

function residual<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  { out, groups }: { out: number; groups: number },
): T {
  let y = x;
  for (const part of [1, 2]) {
    const active = ops.relu(ops.norm(y, `${name}.norm${part}`, { groups }));
    y = ops.conv(active, `${name}.conv${part}.conv`, { out, size: 3, bias: false });
  }
  return ops.add(y, x);
}
