import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createCpuEngine } from "#nn/cpu/createCpuEngine.ts";
import { startCpu } from "#nn/eager/startCpu.ts";
import type { Engine } from "#nn/engine.ts";
import { createWebgpuEngine } from "#nn/webgpu/webgpuEngine.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { wasmFiles } from "../../testing/wasmFiles.ts";
import { parseBenchJob, trainOn } from "./bench.ts";

interface Run {
  readonly spec: { readonly workload: string };
  readonly losses: readonly number[];
}

const { runs } = JSON.parse(
  readFileSync(new URL("./fiftySteps.json", import.meta.url), "utf8"),
) as { readonly runs: readonly Run[] };

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

const engines: [string, (() => Promise<Engine>) | null][] = [
  ["the CPU path", () => createCpuEngine()],
  ["eager TensorFlow.js", () => startCpu(wasmFiles)],
  ["WebGPU", gpu ? () => createWebgpuEngine(gpu) : null],
];

describe.each(engines)("50 steps of training on %s", (_, start) => {
  let engine: Engine | null = null;
  afterAll(() => engine?.dispose());

  it.skipIf(!start).each(runs)("follow PyTorch's losses: $spec.workload", async (run) => {
    engine ??= (await start?.()) ?? null;
    if (!engine) throw new Error("no engine");
    const { spec } = parseBenchJob({ spec: run.spec });
    const losses = await trainOn(engine, spec, run.losses.length);
    expect(losses).toHaveLength(50);
    for (const [step, expected] of run.losses.entries()) {
      const got = losses[step] ?? Number.NaN;
      expect(Math.abs(got / expected - 1), `step ${step}`).toBeLessThan(1e-3);
    }
    expect(losses[49]).toBeLessThan(0.8 * (losses[0] ?? 0));
  });
});
