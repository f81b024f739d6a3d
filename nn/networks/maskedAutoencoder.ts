import { PlannerError } from "#core/errors.ts";
import type { Network, Ops } from "../ops.ts";
import { sinCosTable } from "./sinCosTable.ts";
import { type BlockOptions, linear, transformerBlock } from "./transformer.ts";

/** One half of a masked autoencoder. */
export interface TransformerSize {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
}

export interface MaskedAutoencoderOptions {
  /** Patches along height and width. */
  readonly grid: readonly [rows: number, columns: number];
  /** Values of a patch. */
  readonly patchValues: number;
  readonly encoder: TransformerSize;
  readonly decoder: TransformerSize;
  /** Patches the encoder sees in training. */
  readonly kept: number;
}

/** Names of the lists of places that the networks below pick. */
export const maskLists = { visible: "visible", restored: "restored", patches: "patches" } as const;

/**
 * Masked autoencoder: the encoder sees a few patches of each slice, the decoder draws all.
 *
 * Input [batch, rows, columns, patch values]; output of the same shape. The lists of places of
 * each step: `visible` [batch, 1 + kept], -1 first (the class token), then the patches kept;
 * `restored` [batch, 1 + rows * columns], 0 first, then for each patch its number among the
 * visible, or -1 where it was removed; `patches`: 1 to rows * columns.
 *
 * Source: He et al. 2022, arXiv:2111.06377.
 */
export function maskedAutoencoder(options: MaskedAutoencoderOptions): Network {
  const { grid, patchValues, decoder, kept } = options;
  const count = grid[0] * grid[1];
  return (ops, image) => {
    const seen = encode(ops, image, options, kept);
    const narrow = linear(ops, seen, "decoder_embed", decoder.width);
    const all = ops.pick(narrow, maskLists.restored, {
      ...{ places: [1, 1 + count], token: "mask_token" },
    });
    const placed = ops.addTable(all, sinCosTable(grid, decoder.width, 1));
    const drawn = blocks(ops, placed, "decoder_blocks", decoder);
    const patches = ops.pick(drawn, maskLists.patches, { places: grid });
    return linear(
      ops,
      ops.layerNorm(patches, "decoder_norm", epsilon),
      "decoder_pred",
      patchValues,
    );
  };
}

/**
 * The encoder of a masked autoencoder on slices of which nothing is masked: the features of
 * each patch, [batch, rows, columns, width]. `visible` names every patch in order.
 */
export function autoencoderFeatures(options: MaskedAutoencoderOptions): Network {
  const { grid } = options;
  return (ops, image) => {
    const seen = encode(ops, image, options, grid[0] * grid[1]);
    return ops.pick(seen, maskLists.patches, { places: grid });
  };
}

const epsilon = 1e-6;

function encode<T>(
  ops: Ops<T>,
  image: T,
  { grid, encoder }: MaskedAutoencoderOptions,
  kept: number,
): T {
  const count = grid[0] * grid[1];
  if (kept < 1 || kept > count)
    throw new PlannerError("argument", `patches kept must be 1 to ${count}, got ${kept}`);
  const embedded = linear(ops, image, "patch_embed.proj", encoder.width);
  const placed = ops.addTable(embedded, sinCosTable(grid, encoder.width));
  const visible = ops.pick(placed, maskLists.visible, {
    ...{ places: [1, 1 + kept], token: "cls_token" },
  });
  return ops.layerNorm(blocks(ops, visible, "blocks", encoder), "norm", epsilon);
}

function blocks<T>(ops: Ops<T>, x: T, name: string, size: TransformerSize): T {
  const { width, depth, heads } = size;
  const options: BlockOptions = {
    ...{ width, heads, hidden: 4 * width, epsilon, qkvBias: true },
    names: { proj: "attn.proj", first: "mlp.fc1", second: "mlp.fc2" },
  };
  let y = x;
  for (let i = 0; i < depth; i++) y = transformerBlock(ops, y, `${name}.${i}`, options);
  return y;
}
