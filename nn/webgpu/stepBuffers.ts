import type { OptimiserSpec } from "../engine.ts";
import { momentCount } from "../kernels/optimiser.reference.ts";
import type { GpuSession } from "./gpuSession.ts";
import type { StepBuffers } from "./recording.ts";
import type { StepPlan } from "./stepPlan.ts";

/** Bytes of each buffer of a training step. */
export function bufferSizes(
  { sizes, ranges }: StepPlan,
  weightBytes: number,
  optimiser: OptimiserSpec,
): Record<keyof StepBuffers, number> {
  return {
    arena: sizes.arena,
    weights: weightBytes,
    partials: sizes.partials,
    optimiser: (1 + momentCount(optimiser)) * weightBytes,
    image: sizes.image,
    labels: sizes.labels,
    ranges: ranges.byteLength,
    scalars: 16,
  };
}

/** Buffers of a training step, zero. */
export function makeBuffers(
  session: GpuSession,
  plan: StepPlan,
  weightBytes: number,
  optimiser: OptimiserSpec,
): StepBuffers & Record<string, GPUBuffer> {
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
  const storage = STORAGE | COPY_SRC | COPY_DST;
  const sizes = bufferSizes(plan, weightBytes, optimiser);
  return {
    arena: session.buffer("arena", sizes.arena, storage),
    weights: session.buffer("weights", sizes.weights, storage),
    partials: session.buffer("partials", sizes.partials, storage),
    optimiser: session.buffer("optimiser", sizes.optimiser, storage),
    image: session.buffer("image", sizes.image, storage),
    labels: session.buffer("labels", sizes.labels, storage),
    ranges: session.buffer("ranges", sizes.ranges, storage),
    scalars: session.buffer("scalars", sizes.scalars, UNIFORM | COPY_DST),
  };
}

/** Everything in a buffer, as the work submitted before this call leaves it. */
export async function readBuffer(session: GpuSession, buffer: GPUBuffer): Promise<Float32Array> {
  const { MAP_READ, COPY_DST } = GPUBufferUsage;
  const copy = session.buffer("readback", buffer.size, MAP_READ | COPY_DST);
  try {
    const encoder = session.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
    session.device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    return new Float32Array(copy.getMappedRange().slice(0));
  } finally {
    copy.destroy();
  }
}
