import type { Network, Ops } from "../ops.ts";

export interface Unet3dOptions {
  /** Channels of the logits, background included. */
  readonly classes: number;
  /** Channels of the first convolution; the study has 32. */
  readonly base: number;
}

/**
 * The 3D U-Net of 2016: channels double before each of three poolings, so that nothing is
 * squeezed; convolution, batch norm and ReLU twice per level, transposed convolution up. With
 * padding that keeps the size, where the original cuts off borders. Input sizes are multiples
 * of 8. It brought training from few annotated slices, by a loss that is 0 elsewhere.
 *
 * Source: Cicek et al. 2016, doi:10.1007/978-3-319-46723-8_49.
 */
export function unet3d({ classes, base }: Unet3dOptions): Network {
  return (ops, image) => {
    let x = image;
    const skips = [];
    for (let level = 1; level <= 4; level++) {
      if (level > 1) x = ops.maxPool(x);
      const out = base * 2 ** (level - 1);
      x = convolved(ops, convolved(ops, x, `a${level}.c1`, out), `a${level}.c2`, 2 * out);
      skips.push(x);
    }
    skips.pop();
    for (let level = 3; level >= 1; level--) {
      const below = base * 2 ** (level + 1);
      const grown = ops.convTransposed(x, `u${level}`, { out: below, size: 2 });
      const skip = skips.pop();
      const out = below / 2;
      x = skip === undefined ? grown : ops.concat(grown, skip);
      x = convolved(ops, convolved(ops, x, `s${level}.c1`, out), `s${level}.c2`, out);
    }
    return ops.conv(x, "out", { out: classes, size: 1 });
  };
}

function convolved<T>(ops: Ops<T>, x: T, name: string, out: number): T {
  const y = ops.conv(x, `${name}.conv`, { out, size: 3 });
  return ops.relu(ops.norm(y, `${name}.bn`, "batch"));
}
