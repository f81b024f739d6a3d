import { PlannerError } from "#core/errors.ts";
import type {
  Batch,
  Indices,
  Model,
  ModelSpec,
  Objective,
  TrainingState,
  Weights,
} from "../engine.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { record } from "../plan/record.ts";
import type { FlatWeights } from "./flatWeights.ts";
import type { GpuSession } from "./gpuSession.ts";
import { Inference } from "./inference.ts";
import { InferenceCache } from "./inferenceCache.ts";
import { isNoLoss } from "./lowerNode.ts";
import { optimiserScalars } from "./optimiser.ts";
import { blockOf, denseOf } from "./placedValues.ts";
import { ReadbackRing } from "./readback.ts";
import { Recording, type StepBuffers } from "./recording.ts";
import { requireBatch, requireClasses, requireLength } from "./requireFit.ts";
import { makeBuffers, readBuffer } from "./stepBuffers.ts";
import { flatWeightsOf, planTraining, type StepPlan } from "./stepPlan.ts";
import { readTensors, writeTensors } from "./trainingTensors.ts";

/** Losses that may be on their way while steps go on. */
const ringDepth = 4;

/** A network trained by one recorded step, replayed for every batch. */
export class WebgpuModel implements Model {
  readonly stepsAhead = ringDepth;
  readonly #session: GpuSession;
  readonly #spec: ModelSpec;
  readonly #plan: StepPlan;
  readonly #weights: FlatWeights;
  readonly #buffers: StepBuffers;
  readonly #recording: Recording;
  readonly #ring: ReadbackRing;
  readonly #onDispose: () => void;
  readonly #labels: Uint8Array<ArrayBuffer>;
  readonly #scalars = new Float32Array(4);
  readonly #inferences: InferenceCache;
  #outputRing: ReadbackRing | null = null;
  #predicting: Promise<unknown> = Promise.resolve();
  /** The last step that was asked for, once the device has it. */
  #submitted: Promise<unknown> = Promise.resolve();
  #steps = 0;
  #disposed = false;

  private constructor(
    session: GpuSession,
    spec: ModelSpec,
    prepared: { plan: StepPlan; weights: FlatWeights; buffers: StepBuffers },
    recording: Recording,
    onDispose: () => void,
  ) {
    this.#session = session;
    this.#spec = spec;
    this.#plan = prepared.plan;
    this.#weights = prepared.weights;
    this.#buffers = prepared.buffers;
    this.#recording = recording;
    this.#onDispose = onDispose;
    this.#inferences = new InferenceCache((shape) =>
      Inference.make(session, spec.network, shape, prepared.weights, prepared.buffers),
    );
    this.#ring = new ReadbackRing(session, 16, ringDepth);
    this.#labels = new Uint8Array(prepared.plan.sizes.labels);
  }

  /** @throws PlannerError "argument" for a spec that cannot be, "device" when it does not fit */
  static create(
    session: GpuSession,
    spec: ModelSpec,
    weights: Weights,
    onDispose: () => void,
  ): Promise<WebgpuModel> {
    return session.guard(async () => {
      const graph = differentiate(placeConcats(fuse(record(spec.network, spec.input))));
      const flat = flatWeightsOf(graph);
      const plan = planTraining(graph, flat, spec, session.traits);
      requireClasses(plan.output.shape, spec);
      const packed = flat.pack(weights);
      const buffers = await session.allocate(() =>
        makeBuffers(session, plan, packed.byteLength, spec.optimiser),
      );
      session.device.queue.writeBuffer(buffers.weights, 0, packed);
      session.device.queue.writeBuffer(buffers.ranges, 0, plan.ranges);
      plan.behindImage.writeTables(session.device.queue, buffers.image);
      const recording = await Recording.make(session, plan, buffers);
      return new WebgpuModel(session, spec, { plan, weights: flat, buffers }, recording, onDispose);
    });
  }

  /** Dispatches of one step. */
  get dispatches(): number {
    return this.#recording.length;
  }

  get bytes(): number {
    if (this.#disposed) return 0;
    const rest = this.#inferences.bytes + this.#plan.uniforms.byteLength + ringDepth * 16;
    return Object.values(this.#buffers).reduce((sum, buffer: GPUBuffer) => sum + buffer.size, rest);
  }

  step(batch: Batch, learningRate: number): Promise<number> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      requireBatch(batch, this.#spec);
      if (isNoLoss(this.#spec.loss))
        throw new PlannerError("argument", "loss must have a term to step by labels, got none");
      const submitted = this.#ring
        .take()
        .then((readback) => this.#submit(readback, batch, learningRate));
      this.#submitted = submitted;
      const { readback, step } = await submitted;
      const loss = (await this.#ring.read(readback))[0] ?? Number.NaN;
      this.#session.check();
      if (!Number.isFinite(loss)) throw divergence(loss, step);
      return loss;
    });
  }

  stepTowards(
    images: Float32Array,
    objective: Objective,
    learningRate: number,
    indices?: Indices,
  ): Promise<number> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      requireLength("images", images, this.#spec.input);
      const { device } = this.#session;
      const { output, loss: at } = this.#plan;
      if (!at) throw new RangeError("a training plan must have a loss");
      this.#outputRing ??= new ReadbackRing(this.#session, output.bytes, 1);
      const readback = this.#outputRing;
      const target = await readback.take();
      this.#plan.behindImage.writeLists(device.queue, this.#buffers.image, indices);
      this.#writeScalars(learningRate);
      device.queue.writeBuffer(this.#buffers.image, 0, ownBytes(images));
      const forward = device.createCommandEncoder();
      this.#recording.replay(forward, 0, at.from);
      forward.copyBufferToBuffer(this.#buffers.arena, output.byte, target, 0, output.bytes);
      device.queue.submit([forward.finish()]);
      const values = denseOf(output, await readback.read(target));
      this.#session.check();
      const { loss, gradient } = objective(values);
      if (!Number.isFinite(loss)) throw divergence(loss, this.#steps);
      requireLength("gradient", gradient, output.shape);
      device.queue.writeBuffer(
        this.#buffers.arena,
        at.gradient.byte,
        blockOf(at.gradient, gradient),
      );
      const backward = device.createCommandEncoder();
      this.#recording.replay(backward, at.to);
      device.queue.submit([backward.finish()]);
      return loss;
    });
  }

  predict(
    images: Float32Array,
    shape: readonly number[],
    indices?: Indices,
  ): Promise<Float32Array> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      requireLength("images", images, shape);
      // One after the other, so that a forward pass is never forgotten while it runs.
      const result = this.#predicting.then(async () =>
        (await this.#inferences.of(shape)).run(images, indices),
      );
      this.#predicting = result.catch(() => undefined);
      return result;
    });
  }

  readWeights(): Promise<Weights> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      return this.#weights.unpack(await readBuffer(this.#session, this.#buffers.weights));
    });
  }

  readState(): Promise<TrainingState> {
    return this.#session.guard(async () => {
      await this.#idle();
      const steps = this.#steps;
      return { steps, ...(await readTensors(this.#session, this.#weights, this.#buffers)) };
    });
  }

  writeState({ steps, ...tensors }: TrainingState): Promise<void> {
    return this.#session.guard(async () => {
      await this.#idle();
      writeTensors(this.#session, this.#weights, this.#buffers, tensors);
      this.#steps = steps;
    });
  }

  /** Gradients of the last step, by weight. */
  readGradients(): Promise<Weights> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      return this.#weights.unpackLearned(await readBuffer(this.#session, this.#buffers.optimiser));
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose();
    this.#inferences.dispose();
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
    this.#recording.dispose();
    this.#ring.dispose();
    this.#outputRing?.dispose();
  }

  /** Once every step that was asked for is with the device. */
  async #idle(): Promise<void> {
    this.#requireOpen();
    await this.#submitted;
    this.#requireOpen();
  }

  #submit(readback: GPUBuffer, batch: Batch, learningRate: number) {
    this.#requireOpen();
    this.#write(batch, learningRate);
    const { device } = this.#session;
    const encoder = device.createCommandEncoder();
    this.#recording.replay(encoder);
    encoder.copyBufferToBuffer(this.#buffers.arena, this.#plan.lossByte ?? 0, readback, 0, 16);
    device.queue.submit([encoder.finish()]);
    return { readback, step: this.#steps };
  }

  #writeScalars(learningRate: number): void {
    this.#steps++;
    this.#scalars.set(optimiserScalars(this.#spec.optimiser, learningRate, this.#steps));
    this.#session.device.queue.writeBuffer(this.#buffers.scalars, 0, this.#scalars);
  }

  #write(batch: Batch, learningRate: number): void {
    const { queue } = this.#session.device;
    this.#plan.behindImage.writeLists(queue, this.#buffers.image, batch.indices);
    this.#writeScalars(learningRate);
    this.#labels.set(batch.classes);
    queue.writeBuffer(this.#buffers.labels, 0, this.#labels);
    queue.writeBuffer(this.#buffers.image, 0, ownBytes(batch.images));
  }

  #requireOpen(): void {
    if (this.#disposed) throw new PlannerError("device", "the model was disposed; create it again");
  }
}

const divergence = (loss: number, step: number): PlannerError =>
  new PlannerError(
    "divergence",
    `the loss became ${loss} in step ${step}; use a lower learning rate`,
  );

/** WebGPU takes no view of shared memory. */
const ownBytes = (values: Float32Array): Float32Array<ArrayBuffer> =>
  values.buffer instanceof ArrayBuffer
    ? (values as Float32Array<ArrayBuffer>)
    : new Float32Array(values);
