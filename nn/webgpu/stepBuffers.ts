import type { GpuSession } from "./gpuSession.ts";
import { ReadbackRing } from "./readback.ts";
import type { StepBuffers } from "./recording.ts";
import type { StepPlan } from "./stepPlan.ts";

/** Buffers of a training step, zero. */
export function makeBuffers(
  session: GpuSession,
  plan: StepPlan,
  weightBytes: number,
): StepBuffers & Record<string, GPUBuffer> {
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
  const storage = STORAGE | COPY_SRC | COPY_DST;
  return {
    arena: session.buffer("arena", plan.sizes.arena, storage),
    weights: session.buffer("weights", weightBytes, storage),
    partials: session.buffer("partials", plan.sizes.partials, storage),
    optimiser: session.buffer("optimiser", 3 * weightBytes, storage),
    image: session.buffer("image", plan.sizes.image, storage),
    labels: session.buffer("labels", plan.sizes.labels, storage),
    ranges: session.buffer("ranges", plan.ranges.byteLength, storage),
    scalars: session.buffer("scalars", 16, UNIFORM | COPY_DST),
  };
}

/** Everything in a buffer. */
export async function readBuffer(session: GpuSession, buffer: GPUBuffer): Promise<Float32Array> {
  const ring = new ReadbackRing(session, buffer.size, 1);
  try {
    const target = await ring.take();
    const encoder = session.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, target, 0, buffer.size);
    session.device.queue.submit([encoder.finish()]);
    return await ring.read(target);
  } finally {
    ring.dispose();
  }
}
