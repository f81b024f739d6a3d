import type { OptimiserSpec } from "#nn/engine.ts";
import { hasShared, type ReferenceTensor, referenceSection } from "./reference.ts";

interface Attributes {
  readonly lr: number;
  readonly weight_decay: number;
  readonly lr_schedule?: readonly number[];
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

interface TrajectoryCase {
  readonly name: string;
  readonly optimizer: string;
  readonly attrs: Attributes;
  readonly tensors: Readonly<Record<"p0" | "grads" | "params", ReferenceTensor>>;
}

/** What PyTorch makes of given gradients, step by step. */
export interface OptimiserTrajectory {
  readonly name: string;
  readonly spec: OptimiserSpec;
  readonly start: Float32Array;
  readonly rates: readonly number[];
  readonly steps: readonly { readonly gradient: Float32Array; readonly expected: Float32Array }[];
}

/** The trajectories of the optimisers there are here; none where the reference is missing. */
export function optimiserTrajectories(): OptimiserTrajectory[] {
  if (!hasShared) return [];
  const { manifest, get } = referenceSection<{ cases: TrajectoryCase[] }>("optim");
  return manifest.cases.flatMap(({ name, optimizer, attrs, tensors }) => {
    const spec = specOf(optimizer, attrs);
    if (!spec) return [];
    const [count = 0, size = 0] = tensors.grads.shape;
    const rows = (tensor: ReferenceTensor) => {
      const values = get(tensor) as Float32Array;
      return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
    };
    const expected = rows(tensors.params);
    const steps = rows(tensors.grads).map((gradient, i) => ({
      gradient,
      expected: expected[i] ?? new Float32Array(),
    }));
    const rates = steps.map((_, i) => attrs.lr_schedule?.[i] ?? attrs.lr);
    return [{ name, spec, start: get(tensors.p0) as Float32Array, rates, steps }];
  });
}

function specOf(optimizer: string, attrs: Attributes): OptimiserSpec | null {
  const { weight_decay: weightDecay, betas, eps: epsilon = 0, momentum = 0, nesterov } = attrs;
  if (optimizer === "SGD") {
    return { kind: "sgd", momentum, weightDecay, nesterov: nesterov ?? false };
  }
  if (optimizer !== "AdamW" || !betas) return null;
  return { kind: "adamw", beta1: betas[0], beta2: betas[1], epsilon, weightDecay };
}
