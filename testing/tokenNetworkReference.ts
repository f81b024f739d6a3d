import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { channelsLast, kernelLast } from "./torchLayout.ts";

/** A parameter as the reference lists it. */
export interface ReferenceParameter {
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
  readonly out_eval?: ReferenceTensor;
  readonly loss_train: number;
  readonly params: readonly ReferenceParameter[];
}

/** How a parameter is named here and in which layout it lies. */
export interface ParameterNaming {
  name(torch: string): string;
  /** Whether a kernel is of a transposed convolution, [in, out, ..size]. */
  isTransposed?(torch: string): boolean;
}

/** Numbers of a network of the reference, in the layout and under the names used here. */
export function networkReference(name: string, naming: ParameterNaming) {
  const { manifest, get } = referenceSection<{ cases: NetworkCase[] }>("networks");
  const found = manifest.cases.find((one) => one.name === name);
  if (!found) throw new Error(`no reference case ${name}`);
  const { input, labels } = found;
  const lay = ({ name, shape }: Pick<ReferenceParameter, "name" | "shape">, values: Float32Array) =>
    parameterLast(values, shape, naming.isTransposed?.(name) ?? false);
  const weights = new Map(
    found.params.map((one) => [
      naming.name(one.name),
      lay(one, referenceFormula(one.t, one, sizeOf(one.shape))),
    ]),
  );
  const [batch = 1, channels = 1, ...spatial] = input.shape;
  const logits = (tensor: ReferenceTensor | undefined) =>
    tensor && channelsLast(get(tensor) as Float32Array, tensor.shape);
  return {
    shape: [batch, ...spatial, channels],
    classes: labels.classes,
    images: channelsLast(referenceFormula(1000, input, sizeOf(input.shape)), input.shape),
    labels: Uint8Array.from({ length: sizeOf(labels.shape) }, (_, j) =>
      Math.floor(((((j * j) % 1009) * 7 + j) % 101) * (labels.classes / 101)),
    ),
    weights,
    logits: logits(found.out_train) ?? new Float32Array(0),
    predictions: logits(found.out_eval),
    loss: found.loss_train,
    weightCount: found.param_count,
    parameters: found.params.map((one) => ({ ...one, ours: naming.name(one.name), lay })),
  };
}

/** A parameter of PyTorch in our layout: vectors and tables as they are, kernels in, out last. */
export function parameterLast(
  values: Float32Array,
  shape: readonly number[],
  isTransposed: boolean,
): Float32Array {
  return shape.length > 1 && shape[0] !== 1 ? kernelLast(values, shape, isTransposed) : values;
}

/** The formula of weights and inputs of the reference. */
export function referenceFormula(
  t: number,
  { off, amp }: { off: number; amp: number },
  count: number,
): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => off + amp * Math.sin(1.7 * i + 0.37 * ((i * i) % 1009) + 2.3 * t + 0.4),
  );
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1);
}
