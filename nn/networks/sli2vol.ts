import type { Network, Ops } from "../ops.ts";

export interface Sli2volOptions {
  /** Channels of the first stage; doubled at each further one. */
  readonly width: number;
  /** Stages of two blocks each. */
  readonly stages: number;
  /** Channels of the features. */
  readonly features: number;
}

/** Sizes as published. */
export const sli2volPaper: Sli2volOptions = { width: 16, stages: 4, features: 64 };

/** For laptops: an eighth of the work. */
export const sli2volSmall: Sli2volOptions = { width: 8, stages: 3, features: 32 };

/**
 * Encoder of Sli2Vol, yet without its shortcuts: features of every pixel from its edge profile.
 * Nothing is strided or pooled.
 *
 * Source: Yeung et al. 2021, doi:10.1007/978-3-030-87196-3_7.
 */
export function sli2vol({ width, stages, features }: Sli2volOptions): Network {
  return (ops, profile) => {
    let x = ops.relu(convolved(ops, profile, "stem", width, 7));
    for (let stage = 1; stage <= stages; stage++) {
      const out = width * 2 ** (stage - 1);
      for (const block of ["a", "b"]) {
        x = ops.relu(convolved(ops, x, `stage${stage}.${block}`, out, 3));
      }
    }
    return ops.conv(x, "head", { out: features, size: 3 });
  };
}

function convolved<T>(ops: Ops<T>, x: T, name: string, out: number, size: number): T {
  return ops.norm(
    ops.conv(x, `${name}.conv`, { out, size, bias: false }),
    `${name}.norm`,
    "instance",
  );
}
