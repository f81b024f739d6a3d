import type { NetworkSize } from "#core/experiment/experiment.ts";
import type { Network } from "../ops.ts";
import { attentionUnet } from "./attentionUnet.ts";
import { segFormer } from "./segFormer.ts";
import { segResNet } from "./segResNet.ts";
import { unet } from "./unet.ts";
import { unet3d } from "./unet3d.ts";
import { type UnetrOptions, unetr, unetrPatch } from "./unetr.ts";

/** A network in one size, and what it asks of its input. */
export interface SizedNetwork {
  readonly network: Network;
  /** 2: slices, [batch, height, width, channels]; 3: [batch, depth, height, width, channels]. */
  readonly dimensions: 2 | 3;
  /** Every spatial axis of an input must be a multiple of this. */
  readonly multiple: number;
}

/** Sizes of every network; "paper" is the one of the study. */
export type SizeName = NetworkSize;

/** @param classes - channels of the logits, background included */
type NetworkMaker = (size: SizeName, classes: number) => SizedNetwork;

type UnetrSize = Omit<UnetrOptions, "classes">;
const unetrSizes: [UnetrSize, UnetrSize, UnetrSize, UnetrSize] = [
  { features: 4, hidden: 48, heads: 3, mlp: 192 },
  { features: 8, hidden: 96, heads: 3, mlp: 384 },
  { features: 8, hidden: 192, heads: 3, mlp: 768 },
  { features: 16, hidden: 768, heads: 12, mlp: 3072 },
];

/** One line per network: all that is needed to offer it. */
const makers = {
  unet2d: (size, classes) => ({
    network: unet({ classes, width: bySize(size, 8, 16, 32, 64), levels: 4, norm: "instance" }),
    dimensions: 2,
    multiple: 8,
  }),
  unet3d: (size, classes) => ({
    network: unet3d({ classes, base: bySize(size, 8, 12, 16, 32) }),
    dimensions: 3,
    multiple: 8,
  }),
  segResNet: (size, classes) => ({
    network: segResNet({ classes, width: bySize(size, 8, 16, 24, 32) }),
    dimensions: 3,
    multiple: 8,
  }),
  attentionUnet: (size, classes) => ({
    network: attentionUnet({ classes, channels: doubling(bySize(size, 4, 8, 16, 32), 5) }),
    dimensions: 3,
    multiple: 16,
  }),
  segFormer: (size, classes) => ({
    network: segFormer(bySize(size, "mini", "b0", "b1", "b3"), classes),
    dimensions: 2,
    multiple: 32,
  }),
  unetr: (size, classes) => ({
    network: unetr({ classes, ...bySize(size, ...unetrSizes) }),
    dimensions: 3,
    multiple: unetrPatch,
  }),
} satisfies Record<string, NetworkMaker>;

/** Every network that can be built. */
export type NetworkMakerName = keyof typeof makers;

export const networkMakerNames = Object.keys(makers) as NetworkMakerName[];

/**
 * The network of this name and size.
 *
 * @param classes - channels of the logits, background included
 */
export function networkFor(name: NetworkMakerName, size: SizeName, classes: number): SizedNetwork {
  return makers[name](size, classes);
}

/** One value per size. */
function bySize<T>(size: SizeName, xs: T, s: T, m: T, paper: T): T {
  return { XS: xs, S: s, M: m, paper }[size];
}

/** Channels of so many levels, each twice those of the one before. */
const doubling = (first: number, levels: number): number[] =>
  Array.from({ length: levels }, (_, level) => first * 2 ** level);
