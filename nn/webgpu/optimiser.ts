import type { OptimiserSpec } from "../engine.ts";
import { adamwKernel } from "../kernels/adamw/adamw.wgsl.ts";
import { sgdKernel } from "../kernels/sgd/sgd.wgsl.ts";
import type { Kernel } from "./kernel.ts";

/** The kernel that updates all weights. */
export const optimiserKernel = (spec: OptimiserSpec): Kernel =>
  spec.kind === "sgd" ? sgdKernel(spec) : adamwKernel(spec);

/**
 * What the kernel is told anew in every step.
 *
 * @param step - counted from 1
 */
export function optimiserScalars(
  spec: OptimiserSpec,
  learningRate: number,
  step: number,
): readonly number[] {
  if (spec.kind === "sgd") return [learningRate, 0, 0];
  return [learningRate, 1 / (1 - spec.beta1 ** step), 1 / (1 - spec.beta2 ** step)];
}
