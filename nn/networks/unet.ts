import type { Network, Ops } from "../ops.ts";

export interface UnetOptions {
  /** Channels of the logits, background included. */
  readonly classes: number;
  /** Channels at full resolution; doubled at each pooling. */
  readonly width: number;
  /** Resolutions, the full one included: `levels - 1` poolings. */
  readonly levels: number;
  readonly norm: "none" | "instance";
}

/**
 * U-Net in 2D or 3D, by the rank of its input. Two blocks of convolution 3, norm and ReLU
 * per level, max pooling down, linear interpolation up, skips joined after the upsampled
 * channels, a 1x1 convolution at the end.
 *
 * Source: Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28; same padding, the
 * norm and interpolation instead of transposed convolution are ours.
 */
export function unet({ classes, width, levels, norm }: UnetOptions): Network {
  return (ops, image) => {
    let x = block(ops, image, "down0", width, norm);
    const skips = [x];
    for (let level = 1; level < levels; level++) {
      x = block(ops, ops.maxPool(x), `down${level}`, width * 2 ** level, norm);
      skips.push(x);
    }
    for (const [level, skip] of [...skips.entries()].reverse().slice(1)) {
      const joined = ops.concat(ops.upsample(x, skip), skip);
      x = block(ops, joined, `up${level}`, width * 2 ** level, norm);
    }
    return ops.conv(x, "head", { out: classes, size: 1 });
  };
}

function block<T>(ops: Ops<T>, x: T, name: string, out: number, norm: UnetOptions["norm"]): T {
  for (const part of ["a", "b"]) {
    const convolved = ops.conv(x, `${name}.${part}`, { out, size: 3 });
    const normed =
      norm === "none" ? convolved : ops.norm(convolved, `${name}.${part}.norm`, "instance");
    x = ops.relu(normed);
  }
  return x;
}
