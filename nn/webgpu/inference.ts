import type { Indices } from "../engine.ts";
import type { Network } from "../ops.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { record } from "../plan/record.ts";
import type { FlatWeights } from "./flatWeights.ts";
import type { GpuSession } from "./gpuSession.ts";
import { workgroupSize } from "./kernel.ts";
import { denseOf } from "./placedValues.ts";
import { ReadbackRing } from "./readback.ts";
import { Recording, type StepBuffers } from "./recording.ts";
import { planInference, type StepPlan } from "./stepPlan.ts";

/** A forward pass for one input shape, with the weights of a model in training. */
export class Inference {
  readonly #session: GpuSession;
  readonly #plan: StepPlan;
  readonly #recording: Recording;
  readonly #buffers: StepBuffers;
  readonly #own: readonly GPUBuffer[];
  readonly #ring: ReadbackRing;

  private constructor(
    session: GpuSession,
    plan: StepPlan,
    recording: Recording,
    buffers: StepBuffers,
    own: readonly GPUBuffer[],
  ) {
    this.#session = session;
    this.#plan = plan;
    this.#recording = recording;
    this.#buffers = buffers;
    this.#own = own;
    this.#ring = new ReadbackRing(session, plan.output.bytes, 1);
  }

  /** Steps and predictions take turns, so the arena of training serves where it is enough. */
  static async make(
    session: GpuSession,
    network: Network,
    shape: readonly number[],
    weights: FlatWeights,
    training: StepBuffers,
  ): Promise<Inference> {
    const graph = placeConcats(fuse(record(network, shape, "inference")));
    const plan = planInference(graph, weights, session.traits);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const fits = plan.sizes.arena <= training.arena.size;
    const hasTables = plan.ranges.byteLength > 16 * (weights.vec4s / workgroupSize);
    const own = await session.allocate<Record<string, GPUBuffer>>(() => ({
      image: session.buffer("image", plan.sizes.image, usage),
      ...(fits ? {} : { arena: session.buffer("arena", plan.sizes.arena, usage) }),
      ...(hasTables ? { ranges: session.buffer("ranges", plan.ranges.byteLength, usage) } : {}),
    }));
    if (own["ranges"]) session.device.queue.writeBuffer(own["ranges"], 0, plan.ranges);
    const buffers: StepBuffers = { ...training, ...own };
    plan.behindImage.writeTables(session.device.queue, buffers.image);
    const recording = await Recording.make(session, plan, buffers);
    return new Inference(session, plan, recording, buffers, Object.values(own));
  }

  /** @returns logits, row-major */
  async run(
    images: Float32Array<ArrayBufferLike>,
    indices: Indices | undefined,
  ): Promise<Float32Array> {
    const readback = await this.#ring.take();
    const { device } = this.#session;
    const { output } = this.#plan;
    this.#plan.behindImage.writeLists(device.queue, this.#buffers.image, indices);
    device.queue.writeBuffer(this.#buffers.image, 0, new Float32Array(images));
    const encoder = device.createCommandEncoder();
    this.#recording.replay(encoder);
    encoder.copyBufferToBuffer(this.#buffers.arena, output.byte, readback, 0, output.bytes);
    device.queue.submit([encoder.finish()]);
    return denseOf(output, await this.#ring.read(readback));
  }

  /** Of the buffers that are its own. */
  get bytes(): number {
    const { uniforms, output } = this.#plan;
    const rest = uniforms.byteLength + output.bytes;
    return this.#own.reduce((sum, { size }) => sum + size, rest);
  }

  dispose(): void {
    for (const buffer of this.#own) buffer.destroy();
    this.#recording.dispose();
    this.#ring.dispose();
  }
}
