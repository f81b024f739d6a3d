import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { channelsLast, kernelLast } from "./torchLayout.ts";

interface Parameter {
  readonly t: number;
  readonly name: string;
  readonly shape: readonly number[];
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
  readonly loss_train: number;
  readonly f32err_max: { readonly out_train: readonly [number, number] };
  readonly trajectories: {
    readonly adamw: {
      readonly lr: number;
      readonly weight_decay: number;
      readonly betas: readonly [number, number];
      readonly eps: number;
      readonly losses: readonly number[];
      readonly losses_f32: readonly number[];
    };
  };
  readonly params: readonly Parameter[];
}

/** Numbers of MONAI's BasicUNet in the layout and under the names used here. */
export function basicUnetReference(name: "basicunet2d" | "basicunet3d") {
  const { manifest, get } = referenceSection<{ cases: NetworkCase[] }>("networks");
  const found = manifest.cases.find((one) => one.name === name);
  if (!found) throw new Error(`no reference case ${name}`);
  const { input, labels } = found;
  const weights = new Map<string, Float32Array>();
  for (const parameter of found.params) {
    const values = inOurLayout(parameter, formula(parameter.t, parameter, sizeOf(parameter.shape)));
    weights.set(ourName(parameter.name), values);
  }
  const [batch = 1, channels = 1, ...spatial] = input.shape;
  return {
    shape: [batch, ...spatial, channels],
    classes: labels.classes,
    images: channelsLast(formula(1000, input, sizeOf(input.shape)), input.shape),
    labels: Uint8Array.from({ length: sizeOf(labels.shape) }, (_, j) =>
      Math.floor(((((j * j) % 1009) * 7 + j) % 101) * (labels.classes / 101)),
    ),
    weights,
    logits: channelsLast(get(found.out_train) as Float32Array, found.out_train.shape),
    loss: found.loss_train,
    weightCount: found.param_count,
    trajectory: found.trajectories.adamw,
    parameters: found.params.map((one) => ({ ...one, ours: ourName(one.name) })),
    inOurLayout,
  };
}

function ourName(torch: string): string {
  return torch
    .replace(/adn\.N\.weight$/, "adn.N.scale")
    .replace(/adn\.N\.bias$/, "adn.N.shift")
    .replace(/weight$/, "kernel");
}

function inOurLayout(
  { name, shape }: Pick<Parameter, "name" | "shape">,
  values: Float32Array,
): Float32Array {
  return shape.length > 1 ? kernelLast(values, shape, name.includes("deconv")) : values;
}

function formula(t: number, { off, amp }: { off: number; amp: number }, count: number) {
  return Float32Array.from(
    { length: count },
    (_, i) => off + amp * Math.sin(1.7 * i + 0.37 * ((i * i) % 1009) + 2.3 * t + 0.4),
  );
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1);
}
