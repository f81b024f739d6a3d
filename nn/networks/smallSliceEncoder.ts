import type { Network } from "../ops.ts";

/** Channels of the features of every pixel. */
export const SMALL_FEATURES = 32;

/**
 * A small relative of Sli2Vol's encoder for laptops: three stages of 8, 16 and 32 channels, two
 * convolutions each, instance norm, no shortcuts. An eighth of the work.
 */
export const smallSliceEncoder: Network = (ops, profile) => {
  const block = (x: typeof profile, name: string, out: number, size: number) => {
    const convolved = ops.conv(x, `${name}.conv`, { out, size, bias: false });
    return ops.relu(ops.norm(convolved, `${name}.norm`, "instance"));
  };
  let x = block(profile, "stem", 8, 7);
  for (const [index, out] of [8, 16, 32].entries())
    for (const part of ["a", "b"]) x = block(x, `stage${index + 1}.${part}`, out, 3);
  return ops.conv(x, "head", { out: SMALL_FEATURES, size: 3 });
};
