import type { NormKind, Ops } from "../nn/ops.ts";
import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { channelsLast, kernelLast } from "./torchLayout.ts";

/** An array with its shape, channels last. */
export interface ShapedValues {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** One op of the vocabulary on small data, as PyTorch computes it. */
export interface OpCase {
  readonly name: string;
  readonly x: ShapedValues;
  readonly weights: ReadonlyMap<string, ShapedValues>;
  /** dL/d output. */
  readonly outputGradient: ShapedValues;
  readonly output: ShapedValues;
  readonly inputGradient: ShapedValues;
  readonly weightGradients: ReadonlyMap<string, ShapedValues>;
  /** `like` has the spatial size of the output. */
  apply<T>(ops: Ops<T>, x: T, like: T): T;
}

interface Primitive {
  readonly name: string;
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly tensors: Readonly<Record<string, ReferenceTensor>>;
}

/** Every case of the reference that the vocabulary can say. */
export function opCases(): OpCase[] {
  const { manifest, get } = referenceSection<{ cases: Primitive[] }>("primitives");
  return manifest.cases.flatMap((one) => {
    const said = inVocabulary(one);
    if (!said) return [];
    const read = (name: string): ShapedValues => {
      const tensor = one.tensors[name];
      if (!tensor) throw new Error(`${one.name} has no ${name}`);
      return shaped(get(tensor) as Float32Array, tensor.shape, one, name);
    };
    const pick = (prefix: string) =>
      new Map(
        Object.entries(said.weights)
          .filter(([, torch]) => `${prefix}${torch}` in one.tensors)
          .map(([ours, torch]) => [ours, read(`${prefix}${torch}`)]),
      );
    return [
      {
        name: one.name,
        x: read("x"),
        weights: pick(""),
        outputGradient: read("gy"),
        output: read("out"),
        inputGradient: read("g_x"),
        weightGradients: pick("g_"),
        apply: said.apply,
      },
    ];
  });
}

interface Said {
  /** Our name to the name in the reference. */
  readonly weights: Readonly<Record<string, string>>;
  readonly apply: OpCase["apply"];
}

function inVocabulary({ name, op, attrs, tensors }: Primitive): Said | null {
  if (/^conv[23]d$/.test(op)) return convolution(attrs, tensors);
  const growth = /^convT.*k(2_s2|3_s2|3_s1)/.exec(name);
  if (growth) {
    const out = tensors["w"]?.shape[1] ?? 1;
    const [size = 2, stride = 2] = (growth[1] ?? "").split("_s").map(Number);
    const bias = "b" in tensors;
    return {
      weights: bias ? { "op.kernel": "w", "op.bias": "b" } : { "op.kernel": "w" },
      apply: (ops, x) => ops.convTransposed(x, "op", { out, size, stride, bias }),
    };
  }
  if (/^maxpool[23]d_k2_s2(_odd_floor)?$/.test(name)) {
    return { weights: {}, apply: (ops, x) => ops.maxPool(x) };
  }
  const norm = normKind(op, attrs);
  if (norm) {
    const affine = "w" in tensors;
    return {
      weights: affine ? { "op.scale": "w", "op.shift": "b" } : {},
      apply: (ops, x) => ops.norm(x, "op", norm, { affine }),
    };
  }
  if (op === "sigmoid") return { weights: {}, apply: (ops, x) => ops.sigmoid(x) };
  if (op === "prelu") {
    return { weights: { "op.slope": "w" }, apply: (ops, x) => ops.prelu(x, "op") };
  }
  if (op === "relu") return { weights: {}, apply: (ops, x) => ops.relu(x) };
  if (op === "leaky_relu_0.01") return { weights: {}, apply: (ops, x) => ops.leakyRelu(x, 0.01) };
  return resizing({ name, op, attrs, tensors });
}

function resizing({ name, op, attrs, tensors }: Primitive): Said | null {
  const kind = /^resize.*_(ac1|nearest)$/.exec(name)?.[1];
  if (kind !== undefined) {
    const how = kind === "ac1" ? "corners" : "nearest";
    return { weights: {}, apply: (ops, x, like) => ops.resize(x, like, how) };
  }
  if (/^avgpool[23]d_k2_s2(_odd_floor)?$/.test(name)) {
    return { weights: {}, apply: (ops, x) => ops.averagePool(x, 2) };
  }
  if (op === "adaptive_avg_pool2d") {
    return { weights: {}, apply: (ops, x) => ops.averagePool(x, "all") };
  }
  if (op === "spectral_pool2d") return spectralPooling(attrs, tensors);
  if (/^resize.*_ac0$/.test(name)) {
    return { weights: {}, apply: (ops, x, like) => ops.upsample(x, like) };
  }
  return null;
}

function spectralPooling(attrs: Primitive["attrs"], tensors: Primitive["tensors"]): Said {
  const divisor = (tensors["x"]?.shape[2] ?? 1) / (attrs["out"] as number);
  const scaled = attrs["rescale"] === false;
  const isRectified = attrs["relu"] === true;
  return {
    weights: {},
    apply: (ops, x) => {
      const pooled = ops.spectralPool(x, divisor, { scaled });
      return isRectified ? ops.relu(pooled) : pooled;
    },
  };
}

function normKind(op: string, attrs: Primitive["attrs"]): NormKind | null {
  if (op === "instance_norm") return "instance";
  if (op === "batch_norm" && attrs["training"] === true) return "batch";
  return op === "group_norm" ? { groups: attrs["groups"] as number } : null;
}

function convolution(attrs: Primitive["attrs"], tensors: Primitive["tensors"]): Said | null {
  const [out = 1, , ...sizes] = tensors["w"]?.shape ?? [];
  const [stride = 1, ...strides] = attrs["stride"] as number[];
  const [dilation = 1] = attrs["dilation"] as number[];
  const [padding = 0] = attrs["padding"] as number[];
  const [size = 1] = sizes;
  const isCube = sizes.every((n) => n === size) && strides.every((n) => n === stride);
  const isCentred = size % 2 === 1 && padding === (dilation * (size - 1)) / 2;
  if (!isCube || !isCentred || attrs["groups"] !== 1) return null;
  const bias = attrs["bias"] === true;
  return {
    weights: bias ? { "op.kernel": "w", "op.bias": "b" } : { "op.kernel": "w" },
    apply: (ops, x) => ops.conv(x, "op", { out, size, stride, dilation, bias }),
  };
}

function shaped(
  values: Float32Array,
  shape: readonly number[],
  { name }: Primitive,
  tensor: string,
): ShapedValues {
  if (shape.length === 1) return { values, shape };
  const [first = 1, second = 1, ...spatial] = shape;
  if (!/^(g_)?w$/.test(tensor)) {
    return { values: channelsLast(values, shape), shape: [first, ...spatial, second] };
  }
  const isTransposed = name.startsWith("convT");
  const channels = isTransposed ? [first, second] : [second, first];
  return { values: kernelLast(values, shape, isTransposed), shape: [...spatial, ...channels] };
}
