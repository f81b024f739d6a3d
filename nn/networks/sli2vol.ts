import type { Network, Ops } from "../ops.ts";

/** Channels of the features of every pixel. */
export const SLI2VOL_FEATURES = 64;

/**
 * Encoder of Sli2Vol: features of every pixel from its edge profile. A ResNet-18 in shape, in
 * which nothing is strided or pooled: stages of 16, 32, 64 and 128 channels, two residual
 * blocks each. 811,168 weights for profiles of 48 channels.
 *
 * Source: Yeung et al. 2021, doi:10.1007/978-3-030-87196-3_7.
 */
export const sli2vol: Network = (ops, profile) => {
  let x = ops.relu(normed(ops, profile, "stem", 16, 7));
  let channels = 16;
  for (const [index, out] of [16, 32, 64, 128].entries()) {
    for (const block of ["a", "b"]) {
      const name = `stage${index + 1}.${block}`;
      const inner = ops.relu(normed(ops, x, `${name}.first`, out, 3));
      const left = normed(ops, inner, `${name}.second`, out, 3);
      const right = channels === out ? x : normed(ops, x, `${name}.shortcut`, out, 1);
      x = ops.relu(ops.add(left, right));
      channels = out;
    }
  }
  return ops.conv(x, "head", { out: SLI2VOL_FEATURES, size: 3 });
};

function normed<T>(ops: Ops<T>, x: T, name: string, out: number, size: number): T {
  const convolved = ops.conv(x, `${name}.conv`, { out, size, bias: false });
  return ops.norm(convolved, `${name}.norm`, "batch");
}
