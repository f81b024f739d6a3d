import { describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { hasShared, type ReferenceTensor, referenceSection } from "../../testing/reference.ts";
import { parameterLast, referenceFormula } from "../../testing/tokenNetworkReference.ts";
import { tokenName } from "../../testing/tokenReference.ts";
import { createCpuEngine } from "../cpu/createCpuEngine.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, ModelSpec, Weights } from "../engine.ts";
import { masksOf } from "../features/maskedBatches.ts";
import { maskedLoss, normalisedPatches } from "../features/maskedLoss.ts";
import { createWebgpuEngine } from "../webgpu/webgpuEngine.ts";
import { weightCount } from "../weights.ts";
import {
  autoencoderFeatures,
  type MaskedAutoencoderOptions,
  maskedAutoencoder,
} from "./maskedAutoencoder.ts";
import { sinCosTable } from "./sinCosTable.ts";

const { gpu } = await openTestGpu();

const sized = (width: number, heads: number, decoder: number, decoderHeads: number) =>
  ({
    grid: [16, 16] as const,
    ...{ patchValues: 64, kept: 64 },
    ...{ encoder: { width, depth: 6, heads } },
    decoder: { width: decoder, depth: 2, heads: decoderHeads },
  }) satisfies MaskedAutoencoderOptions;

describe("maskedAutoencoder", () => {
  it.each([
    [sized(192, 3, 96, 3), 2_930_944],
    [sized(128, 4, 64, 4), 1_310_912],
  ])("%o learns %d numbers", (options, count) => {
    const description = describeNetwork(maskedAutoencoder(options), [2, 16, 16, 64]);
    expect(weightCount(description)).toBe(count);
    expect(description.output).toEqual([2, 16, 16, 64]);
  });

  it("refuses to keep nothing or more than there is", () => {
    const refused = (kept: number) => () =>
      describeNetwork(maskedAutoencoder({ ...sized(192, 3, 96, 3), kept }), [1, 16, 16, 64]);
    expect(refused(0)).toThrow("patches kept must be 1 to 256, got 0");
    expect(refused(257)).toThrow("patches kept must be 1 to 256, got 257");
  });
});

interface Case {
  readonly name: string;
  readonly config: Readonly<Record<string, number>>;
  readonly input: { readonly shape: readonly number[]; readonly off: number; readonly amp: number };
  readonly mask: {
    readonly len_keep: number;
    readonly ids_shuffle: readonly (readonly number[])[];
  };
  readonly param_count: number;
  readonly pos_embed: ReferenceTensor;
  readonly decoder_pos_embed: ReferenceTensor;
  readonly loss: number;
  readonly loss_norm_pix: number;
  readonly pred: ReferenceTensor;
  readonly encoder_unmasked_tokens: ReferenceTensor;
  readonly slice_descriptor_mean_patch_tokens: ReferenceTensor;
  readonly params: readonly {
    readonly t: number;
    readonly name: string;
    readonly shape: readonly number[];
    readonly off: number;
    readonly amp: number;
    readonly grad_l2: number;
    readonly grad_l2_norm_pix: number;
  }[];
}

/** Pictures [n, channels, side, side] as patches [n, patches, rows, columns, channels]. */
function patchesOf(
  images: Float32Array,
  [batch = 1, channels = 1, side = 1]: readonly number[],
  patch: number,
) {
  const grid = side / patch;
  const patches: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let place = 0; place < grid * grid; place++)
      for (let value = 0; value < patch * patch * channels; value++) {
        const [pixel, channel] = [Math.floor(value / channels), value % channels];
        const y = Math.floor(place / grid) * patch + Math.floor(pixel / patch);
        const x = (place % grid) * patch + (pixel % patch);
        patches.push(images[((n * channels + channel) * side + y) * side + x] ?? Number.NaN);
      }
  return Float32Array.from(patches);
}

/** Our layout: the kernel of the patches takes rows, columns, channels, as patches are here. */
function loaded(name: string) {
  const { manifest, get } = referenceSection<{ cases: Case[] }>("networks");
  const one = manifest.cases.find((found) => found.name === name);
  if (!one) throw new Error(`no reference case ${name}`);
  const { config } = one;
  const [patch = 1, channels = 1] = [config["patch_size"], config["in_chans"]];
  const grid = (config["img_size"] ?? 1) / patch;
  const half = (prefix: string, width: string) => ({
    width: config[width] ?? 1,
    depth: config[`${prefix}depth`] ?? 1,
    heads: config[`${prefix}num_heads`] ?? 1,
  });
  const options: MaskedAutoencoderOptions = {
    ...{ grid: [grid, grid], patchValues: patch * patch * channels, kept: one.mask.len_keep },
    ...{ encoder: half("", "embed_dim"), decoder: half("decoder_", "decoder_embed_dim") },
  };
  const ours = (torch: string) => (torch.endsWith("_token") ? `${torch}.vector` : tokenName(torch));
  const parameters = one.params.map((parameter) => ({ ...parameter, ours: ours(parameter.name) }));
  const size = (shape: readonly number[]) => shape.reduce((all, n) => all * n, 1);
  const weights = new Map(
    parameters.map(({ ours: own, ...parameter }) => {
      const values = referenceFormula(parameter.t, parameter, size(parameter.shape));
      return [own, parameterLast(values, parameter.shape, false)];
    }),
  );
  const images = referenceFormula(1000, one.input, size(one.input.shape));
  const read = (tensor: ReferenceTensor) => get(tensor) as Float32Array;
  const patches = patchesOf(images, one.input.shape, patch);
  return { one, options, parameters, weights, patches, read, batch: one.input.shape[0] ?? 1 };
}

const specOf = (
  network: ModelSpec["network"],
  input: readonly number[],
  classes: number,
): ModelSpec => ({
  ...{ network, input, classes, loss: { crossEntropy: 0, dice: 0 } },
  optimiser: { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false },
});

const engines: [string, () => Promise<Engine>][] = [
  ["the CPU path", () => createCpuEngine()],
  ...(gpu ? [["WebGPU", () => createWebgpuEngine(gpu)] satisfies [string, unknown]] : []),
];

/** Norms of the gradients that a step of plain descent took. */
function expectNorms(
  after: Weights,
  { parameters, weights }: ReturnType<typeof loaded>,
  rate: number,
  isNormalised: boolean,
): void {
  for (const { ours, grad_l2, grad_l2_norm_pix } of parameters) {
    const before = weights.get(ours) ?? new Float32Array(0);
    const change = before.map((value, i) => value - (after.get(ours)?.[i] ?? Number.NaN));
    const norm = Math.sqrt(change.reduce((sum, one) => sum + one ** 2, 0)) / rate;
    const expected = isNormalised ? grad_l2_norm_pix : grad_l2;
    expect(Math.abs(norm - expected), ours).toBeLessThan(1e-3 * expected + 1e-5);
  }
}

describe.skipIf(!hasShared).each(["mae_tiny_rgb", "mae_tiny_grey"])("%s", (name) => {
  it("has the positions of the paper's code", () => {
    const { one, options, read } = loaded(name);
    const { grid, encoder, decoder } = options;
    for (const [width, expected] of [
      [encoder.width, one.pos_embed],
      [decoder.width, one.decoder_pos_embed],
    ] as const)
      expect(relativeDifference(sinCosTable(grid, width, 1), read(expected))).toBeLessThan(1e-6);
  });

  it.each(engines)(
    "draws, learns and describes as PyTorch does, by %s",
    async (_, start) => {
      const { one, options, weights, patches, read, batch } = loaded(name);
      expect([...weights.values()].reduce((sum, w) => sum + w.length, 0)).toBe(one.param_count);
      const engine = await start();
      const input = [batch, ...options.grid, options.patchValues];
      const { indices, removed } = masksOf(one.mask.ids_shuffle, options.kept);
      const spec = specOf(maskedAutoencoder(options), input, options.patchValues);
      const rate = 2 ** -3;
      for (const isNormalised of [false, true]) {
        const model = await engine.createModel(spec, weights);
        const wanted = isNormalised ? normalisedPatches(patches, options.patchValues) : patches;
        const loss = await model.stepTowards(
          patches,
          (drawn) => {
            expect(relativeDifference(drawn, read(one.pred))).toBeLessThan(1e-5);
            return maskedLoss(drawn, wanted, removed);
          },
          rate,
          indices,
        );
        expect(loss).toBeCloseTo(isNormalised ? one.loss_norm_pix : one.loss, 5);
        expectNorms(await model.readWeights(), loaded(name), rate, isNormalised);
        model.dispose();
      }
      const features = autoencoderFeatures(options);
      const shapes = describeNetwork(features, input).weights;
      const own = new Map([...weights].filter(([known]) => shapes.has(known)));
      const model = await engine.createModel(specOf(features, input, options.encoder.width), own);
      const count = options.grid[0] * options.grid[1];
      const inOrder = Array.from({ length: batch }, () =>
        Array.from({ length: count }, (_, i) => i),
      );
      const tokens = await model.predict(patches, input, masksOf(inOrder, count).indices);
      const all = read(one.encoder_unmasked_tokens);
      const { width } = options.encoder;
      const expected = Array.from({ length: batch }, (_, n) => [
        ...all.subarray((n * (count + 1) + 1) * width, (n + 1) * (count + 1) * width),
      ]).flat();
      expect(relativeDifference(tokens, expected)).toBeLessThan(1e-5);
      model.dispose();
      engine.dispose();
    },
    300_000,
  );
});
