import type { Weights } from "../nn/engine.ts";
import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { channelsLast, kernelLast } from "./torchLayout.ts";

interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly t: number;
  readonly off: number;
  readonly amp: number;
  readonly grad_l2: number;
  readonly grad_at: readonly (readonly [index: number, value: number])[];
  readonly grad_err32: number;
}

interface NetworkCase {
  readonly name: string;
  readonly input: { readonly shape: readonly number[]; readonly off: number; readonly amp: number };
  readonly labels: { readonly shape: readonly number[]; readonly classes: number };
  readonly param_count: number;
  readonly out_train: ReferenceTensor;
  readonly out_eval?: ReferenceTensor;
  readonly loss_train: number;
  readonly params: readonly Parameter[];
  readonly running_stats_after_one_train_forward?: {
    readonly rows: readonly (readonly [string, readonly number[], mean: number, l2: number])[];
  };
}

/** One parameter of a network, under our name, with its gradient as PyTorch has it. */
export interface ReferenceParameter {
  readonly name: string;
  readonly norm: number;
  /** Absolute error that one element of a good float32 gradient has. */
  readonly error: number;
  /** Some elements, by their place in our layout. */
  readonly elements: readonly { readonly at: number; readonly value: number }[];
}

/**
 * A whole network as PyTorch computes it from formula weights, in our layout.
 *
 * @param isTransposed - whether a weight of this name belongs to a transposed convolution
 */
export function networkReference(name: string, isTransposed: (name: string) => boolean) {
  const { manifest, get } = referenceSection<{ cases: NetworkCase[] }>("networks");
  const found = manifest.cases.find((one) => one.name === name);
  if (!found) throw new Error(`no reference case ${name}`);
  const { input, labels } = found;
  const kinds = new Set(found.params.map((one) => one.name));
  const inOurLayout = (one: Pick<Parameter, "name" | "shape">, values: Float32Array) =>
    one.shape.length > 1 ? kernelLast(values, one.shape, isTransposed(one.name)) : values;
  const weights = new Map<string, Float32Array>();
  for (const one of found.params)
    weights.set(ourName(one, kinds), inOurLayout(one, formula(one.t, one, sizeOf(one.shape))));
  const running = new Map<string, { readonly mean: number; readonly norm: number }>();
  for (const [row, shape, mean, norm] of found.running_stats_after_one_train_forward?.rows ?? []) {
    const ours = row.replace("running_mean", "mean").replace("running_var", "variance");
    running.set(ours, { mean, norm });
    weights.set(ours, new Float32Array(sizeOf(shape)).fill(ours.endsWith("variance") ? 1 : 0));
  }
  const [batch = 1, channels = 1, ...spatial] = input.shape;
  const read = (tensor: ReferenceTensor | undefined) =>
    tensor && channelsLast(get(tensor) as Float32Array, tensor.shape);
  return {
    input: [batch, ...spatial, channels],
    classes: labels.classes,
    images: channelsLast(formula(1000, input, sizeOf(input.shape)), input.shape),
    labels: Uint8Array.from({ length: sizeOf(labels.shape) }, (_, j) =>
      Math.floor(((((j * j) % 1009) * 7 + j) % 101) * (labels.classes / 101)),
    ),
    weights: weights as Weights,
    weightCount: found.param_count,
    /** Logits of a forward pass that trains. */
    trained: channelsLast(get(found.out_train) as Float32Array, found.out_train.shape),
    /** Logits of a prediction by running means 0 and variances 1, where they differ. */
    predicted: read(found.out_eval),
    loss: found.loss_train,
    running,
    parameters: found.params.map((one): ReferenceParameter => {
      const order = inOurLayout(
        one,
        Float32Array.from({ length: sizeOf(one.shape) }, (_, i) => i),
      );
      return {
        name: ourName(one, kinds),
        norm: one.grad_l2,
        error: one.grad_err32,
        elements: one.grad_at.map(([at, value]) => ({ at: order.indexOf(at), value })),
      };
    }),
  };
}

/** What a network must equal; see `networkReference`. */
export type NetworkReference = ReturnType<typeof networkReference>;

/** A vector called weight scales a norm, unless it is the slope of a PReLU. */
function ourName({ name, shape }: Pick<Parameter, "name" | "shape">, all: Set<string>): string {
  const [stem, last] = [
    name.slice(0, name.lastIndexOf(".")),
    name.slice(name.lastIndexOf(".") + 1),
  ];
  if (shape.length > 1) return `${stem}.kernel`;
  if (last === "weight") return all.has(`${stem}.bias`) ? `${stem}.scale` : `${stem}.slope`;
  if (last !== "bias") return name;
  return all.has(`${stem}.weight`) && isNorm(stem) ? `${stem}.shift` : name;
}

const isNorm = (stem: string): boolean =>
  /(\.N|bn\w?|norm\d?|conv_final\.0|(W_g|W_x|psi)\.1)$/.test(stem);

function formula(t: number, { off, amp }: { off: number; amp: number }, count: number) {
  return Float32Array.from(
    { length: count },
    (_, i) => off + amp * Math.sin(1.7 * i + 0.37 * ((i * i) % 1009) + 2.3 * t + 0.4),
  );
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1);
}
