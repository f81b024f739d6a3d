import { hashText } from "#core/hash.ts";
import type { Engine } from "../engine.ts";
import { kernelBytes } from "../kernels/wasm/generated/kernelBytes.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { record } from "../plan/record.ts";
import { checkSpecs } from "./checkedNetwork.ts";

/** What devices passed the check, by name. */
export interface KnownChecks {
  has(key: string): Promise<boolean>;
  add(key: string): Promise<void>;
}

/** Remembers for as long as the program runs. */
export function checksInMemory(): KnownChecks {
  const known = new Set<string>();
  return {
    has: async (key) => known.has(key),
    add: async (key) => {
      known.add(key);
    },
  };
}

/**
 * A name for a device together with the very kernels it would run: another driver's name, or a
 * changed kernel, is checked anew.
 */
export async function checkKeyOf({ backend, device }: Engine): Promise<string> {
  const kernels = backend === "cpu" ? kernelBytes : await webgpuKernels();
  return hashText(`${backend}/${device}/${hashText(kernels)}`);
}

async function webgpuKernels(): Promise<string> {
  const { flatWeightsOf, planTraining } = await import("../webgpu/stepPlan.ts");
  const { softwareTuning, hardwareTuning } = await import("../webgpu/tuning.ts");
  const code = new Set<string>();
  for (const spec of checkSpecs()) {
    const graph = differentiate(placeConcats(fuse(record(spec.network, spec.input))));
    for (const tuning of [softwareTuning, hardwareTuning]) {
      const traits = { tuning, capacity: Number.POSITIVE_INFINITY };
      const { dispatches } = planTraining(graph, flatWeightsOf(graph), spec, traits);
      for (const { kernel } of dispatches) code.add(kernel.code);
    }
  }
  return [...code].join("\n");
}
