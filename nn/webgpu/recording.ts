import type { GpuSession } from "./gpuSession.ts";
import { uniformStride, workgroupSize } from "./kernel.ts";
import type { StepPlan } from "./stepPlan.ts";

/** Buffers of a step, in the order of `bindings` in `kernel.ts`. */
export interface StepBuffers {
  readonly arena: GPUBuffer;
  readonly weights: GPUBuffer;
  readonly partials: GPUBuffer;
  readonly optimiser: GPUBuffer;
  readonly image: GPUBuffer;
  readonly labels: GPUBuffer;
  readonly ranges: GPUBuffer;
  readonly scalars: GPUBuffer;
}

const mostGroups = 65_535;

/**
 * A plan with its pipelines and its one bind group. Replaying it makes nothing but the
 * commands themselves.
 */
export class Recording {
  readonly #pipelines: readonly GPUComputePipeline[];
  readonly #groups: readonly (readonly [number, number])[];
  readonly #bindGroup: GPUBindGroup;
  readonly #uniforms: GPUBuffer;
  readonly #offsets: Uint32Array<ArrayBuffer>;

  private constructor(
    session: GpuSession,
    plan: StepPlan,
    buffers: StepBuffers,
    pipelines: readonly GPUComputePipeline[],
  ) {
    this.#pipelines = pipelines;
    this.#groups = plan.dispatches.map(({ threads }) => {
      const count = Math.max(1, Math.ceil(threads / workgroupSize));
      const x = Math.min(count, mostGroups);
      return [x, Math.ceil(count / x)] as const;
    });
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.#uniforms = session.buffer("uniforms", plan.uniforms.byteLength, usage);
    session.device.queue.writeBuffer(this.#uniforms, 0, plan.uniforms);
    this.#offsets = Uint32Array.from(plan.dispatches, (_, i) => i * uniformStride);
    const { arena, weights, partials, optimiser, image, labels, ranges, scalars } = buffers;
    const bound = [arena, weights, partials, optimiser, image, labels, ranges, scalars];
    this.#bindGroup = session.device.createBindGroup({
      layout: session.bindGroupLayout,
      entries: [
        ...bound.map((buffer, binding) => ({ binding, resource: { buffer } })),
        { binding: bound.length, resource: { buffer: this.#uniforms, size: uniformStride } },
      ],
    });
  }

  static async make(session: GpuSession, plan: StepPlan, buffers: StepBuffers): Promise<Recording> {
    const pipelines = await Promise.all(
      plan.dispatches.map(({ kernel }) => session.pipeline(kernel)),
    );
    return new Recording(session, plan, buffers, pipelines);
  }

  /** Number of dispatches. */
  get length(): number {
    return this.#pipelines.length;
  }

  /** Runs the dispatches from `from` to before `to`, all of them unless told otherwise. */
  replay(encoder: GPUCommandEncoder, from = 0, to = this.#pipelines.length): void {
    const pass = encoder.beginComputePass();
    for (let i = from; i < to; i++) {
      const pipeline = this.#pipelines[i];
      const groups = this.#groups[i];
      if (!pipeline || !groups) continue;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, this.#bindGroup, this.#offsets, i, 1);
      pass.dispatchWorkgroups(groups[0], groups[1]);
    }
    pass.end();
  }

  dispose(): void {
    this.#uniforms.destroy();
  }
}
