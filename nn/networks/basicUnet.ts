import type { Network, Ops } from "../ops.ts";

export interface BasicUnetOptions {
  readonly classes: number;
  /** Channels of the five levels from full resolution down, and of the last decoder level. */
  readonly features: readonly [number, number, number, number, number, number];
}

/**
 * MONAI's BasicUNet in its default form: instance norm with affine, leaky ReLU 0.1, max
 * pooling, transposed convolution up. Input sizes are multiples of 16.
 *
 * It exists because PyTorch numbers of it are at hand: forward, gradients and training
 * curves of an executor are tested against them.
 *
 * Source: MONAI 1.5 `BasicUNet`; Falk et al. 2019, doi:10.1038/s41592-018-0261-2.
 */
export function basicUnet({ classes, features }: BasicUnetOptions): Network {
  const [f0, f1, f2, f3, f4, last] = features;
  return (ops, image) => {
    let x = twoConvs(ops, image, "conv_0", f0);
    const skips = [x];
    for (const [index, out] of [f1, f2, f3, f4].entries()) {
      x = twoConvs(ops, ops.maxPool(x), `down_${index + 1}.convs`, out);
      skips.push(x);
    }
    skips.pop();
    const ups = [
      { name: "upcat_4", from: f4, out: f3, halves: true },
      { name: "upcat_3", from: f3, out: f2, halves: true },
      { name: "upcat_2", from: f2, out: f1, halves: true },
      { name: "upcat_1", from: f1, out: last, halves: false },
    ];
    for (const { name, from, out, halves } of ups) {
      const grown = ops.convTransposed(x, `${name}.upsample.deconv`, {
        out: halves ? Math.floor(from / 2) : from,
        size: 2,
      });
      const skip = skips.pop();
      const joined = skip === undefined ? grown : ops.concat(skip, grown);
      x = twoConvs(ops, joined, `${name}.convs`, out);
    }
    return ops.conv(x, "final_conv", { out: classes, size: 1 });
  };
}

function twoConvs<T>(ops: Ops<T>, x: T, name: string, out: number): T {
  for (const part of ["conv_0", "conv_1"]) {
    const convolved = ops.conv(x, `${name}.${part}.conv`, { out, size: 3 });
    x = ops.leakyRelu(ops.norm(convolved, `${name}.${part}.adn.N`, "instance"), 0.1);
  }
  return x;
}
