import { type ReferenceTensor, referenceSection } from "./reference.ts";
import { channelsLast, kernelLast } from "./torchLayout.ts";

interface Parameter {
  readonly t: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly off: number;
  readonly amp: number;
}

interface Sli2volCase {
  readonly name: string;
  readonly R: number;
  readonly param_count: number;
  readonly tensors: Readonly<Record<string, ReferenceTensor>>;
  readonly params: readonly Parameter[];
}

/**
 * Numbers of Sli2Vol in the layout used here, with the weights under their PyTorch names. Two
 * pairs of slices, [20, 24] pixels each.
 */
export function sli2volReference() {
  const { manifest, get } = referenceSection<{ cases: Sli2volCase[] }>("networks");
  const found = manifest.cases.find(({ name }) => name === "sli2vol");
  if (!found) throw new Error("no reference case sli2vol");
  const { tensors, params, R: radius, param_count: weightCount } = found;
  const read = (name: string) => {
    const tensor = tensors[name];
    if (!tensor) throw new Error(`sli2vol has no ${name}`);
    const values = get(tensor) as Float32Array;
    return tensor.shape.length === 4 ? channelsLast(values, tensor.shape) : values;
  };
  /** The two samples of a tensor apart. */
  const halves = (name: string) => {
    const all = read(name);
    return [all.subarray(0, all.length / 2), all.subarray(all.length / 2)];
  };
  const size = [20, 24] as const;
  const referenceImage = halves("ref_img");
  const formulas = { off: 0, amp: 0.6 };
  const features = (t: number) =>
    channelsLast(formula(t, formulas, 2 * 8 * 480), [2, 8, ...size]).subarray(0, 8 * 480);
  const first = (name: string) => halves(name)[0] as Float32Array;
  return {
    ...{ size, radius, weightCount, read, halves, referenceImage },
    targetImage: halves("tgt_img"),
    edges: first("edge_ref"),
    weights: new Map(
      params.map(({ t, name, shape, ...sine }) => {
        const values = formula(
          t,
          sine,
          shape.reduce((a, b) => a * b, 1),
        );
        return [name, shape.length > 1 ? kernelLast(values, shape, false) : values] as const;
      }),
    ),
    affinity: {
      shape: { height: 20, width: 24, channels: 8, values: 1, radius, border: "zero" } as const,
      source: features(7),
      target: features(8),
      values: Float32Array.from(referenceImage[0] ?? [], (value) => value / 255),
      dy: formula(9, { off: 0, amp: 1 }, 960).subarray(0, 480),
      output: first("aff_out"),
      gradients: {
        target: first("aff_g_tgt"),
        source: first("aff_g_ref"),
        values: first("aff_g_value"),
      },
    },
  };
}

function formula(t: number, { off, amp }: { off: number; amp: number }, count: number) {
  return Float32Array.from(
    { length: count },
    (_, i) => off + amp * Math.sin(1.7 * i + 0.37 * ((i * i) % 1009) + 2.3 * t + 0.4),
  );
}
