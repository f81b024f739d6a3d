import { mixFeedForward, reducedAttention } from "../nn/networks/segFormer.ts";
import { linear, selfAttention } from "../nn/networks/transformer.ts";
import type { Ops } from "../nn/ops.ts";
import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { parameterLast } from "./tokenNetworkReference.ts";
import { channelsLast } from "./torchLayout.ts";

/** One op of tokens on a few samples, as PyTorch computes it. */
export interface TokenCase {
  readonly name: string;
  /** [..spatial, channels] of each sample of the input. */
  readonly shape: readonly number[];
  readonly samples: readonly TokenSample[];
  readonly outChannels: number;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Summed over the samples. */
  readonly weightGradients: ReadonlyMap<string, Float32Array>;
  apply<T>(ops: Ops<T>, x: T): T;
}

interface TokenSample {
  readonly x: Float32Array;
  readonly output: Float32Array;
  readonly outputGradient: Float32Array;
  readonly inputGradient: Float32Array;
}

interface Primitive {
  readonly name: string;
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, ReferenceTensor>>;
}

type Said = Pick<TokenCase, "apply"> & { readonly names: Readonly<Record<string, string>> };

/** The cases of the reference that are made of ops of tokens. */
export function tokenCases(): TokenCase[] {
  const { manifest, get } = referenceSection<{ cases: Primitive[] }>("primitives");
  return manifest.cases.flatMap((one) => {
    const said = inVocabulary(one);
    const x = one.tensors["x"];
    if (!said || !x) return [];
    const isGrid = x.shape.length === 4;
    const { H = 1, W = x.shape[1] ?? 1 } = one.attrs as { H?: number; W?: number };
    const channels = isGrid ? (x.shape[1] ?? 1) : (x.shape[2] ?? 1);
    const shape = isGrid ? [x.shape[2] ?? 1, x.shape[3] ?? 1, channels] : [H, W, channels];
    const batch = x.shape[0] ?? 1;
    const samplesOf = (name: string): Float32Array[] => {
      const tensor = one.tensors[name] as ReferenceTensor;
      const values = get(tensor) as Float32Array;
      const last = isGrid ? channelsLast(values, tensor.shape) : values;
      const size = last.length / batch;
      return Array.from({ length: batch }, (_, n) => last.slice(n * size, (n + 1) * size));
    };
    const weightsOf = (prefix: string) =>
      new Map(
        Object.entries(said.names).map(([torch, ours]) => {
          const tensor = one.tensors[`${prefix}${torch}`] as ReferenceTensor;
          return [ours, parameterLast(get(tensor) as Float32Array, tensor.shape, false)];
        }),
      );
    const [xs, outs, gys, gxs] = ["x", "out", "gy", "g_x"].map(samplesOf);
    const out = outs?.[0]?.length ?? 0;
    return [
      {
        name: one.name,
        shape,
        samples: Array.from({ length: batch }, (_, n) => ({
          x: xs?.[n] ?? new Float32Array(0),
          output: outs?.[n] ?? new Float32Array(0),
          outputGradient: gys?.[n] ?? new Float32Array(0),
          inputGradient: gxs?.[n] ?? new Float32Array(0),
        })),
        outChannels: (out * channels) / (xs?.[0]?.length ?? 1),
        weights: weightsOf(""),
        weightGradients: weightsOf("g_"),
        apply: said.apply,
      },
    ];
  });
}

function inVocabulary({ name, op, attrs, tensors }: Primitive): Said | null {
  const width = tensors["x"]?.shape.at(-1) ?? 1;
  if (op === "gelu_exact") return { names: {}, apply: (ops, x) => ops.gelu(x) };
  if (op === "layer_norm")
    return {
      names: { w: "op.scale", b: "op.shift" },
      apply: (ops, x) => ops.layerNorm(x, "op", attrs["eps"] as number),
    };
  if (op === "linear") {
    const out = tensors["w"]?.shape[0] ?? 1;
    const names = { w: "op.kernel", b: "op.bias" };
    return { names, apply: (ops, x) => linear(ops, x, "op", out) };
  }
  if (name === "conv2d_k3_depthwise")
    return {
      names: { w: "op.kernel", b: "op.bias" },
      apply: (ops, x) => ops.depthwise(x, "op", 3),
    };
  if (op === "mhsa") {
    const qkvBias = attrs["qkv_bias"] === true;
    const heads = attrs["heads"] as number;
    return {
      names: {
        ...{ w_qkv: "op.qkv.kernel", w_proj: "op.proj.kernel", b_proj: "op.proj.bias" },
        ...(qkvBias ? { b_qkv: "op.qkv.bias" } : {}),
      },
      apply: (ops, x) =>
        selfAttention(ops, x, { width, heads, qkvBias, qkv: "op.qkv", proj: "op.proj" }),
    };
  }
  const names = Object.fromEntries(
    Object.keys(tensors)
      .filter((torch) => /\.(weight|bias)$/.test(torch) && !torch.startsWith("g_"))
      .map((torch) => [torch, `op.${tokenName(torch)}`]),
  );
  if (op === "spatial_reduction_attention") {
    const [heads, reduction] = [attrs["heads"], attrs["sr_ratio"]] as [number, number];
    return {
      names,
      apply: (ops, x) => reducedAttention(ops, x, "op", { width, heads, reduction }),
    };
  }
  if (op === "mix_ffn") {
    const own = Object.entries(names).map(([torch, ours]) => [torch, ours.replace("op", "op.mlp")]);
    const hidden = attrs["hidden"] as number;
    return {
      names: Object.fromEntries(own),
      apply: (ops, x) => mixFeedForward(ops, x, "op", width, hidden),
    };
  }
  return null;
}

/** Our name of a parameter of PyTorch: norms scale and shift, everything else has a kernel. */
export function tokenName(torch: string): string {
  return /norm\d*\.(weight|bias)$/.test(torch)
    ? torch.replace(/weight$/, "scale").replace(/bias$/, "shift")
    : torch.replace(/weight$/, "kernel");
}
