import { PlannerError } from "#core/errors.ts";
import type { Batch, Model, ModelSpec, Objective, Weights } from "../engine.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements } from "../plan/graph.ts";
import { record } from "../plan/record.ts";
import type { FlatWeights } from "./flatWeights.ts";
import type { GpuSession } from "./gpuSession.ts";
import { Inference } from "./inference.ts";
import { blockOf, denseOf } from "./placedValues.ts";
import { ReadbackRing } from "./readback.ts";
import { Recording, type StepBuffers } from "./recording.ts";
import { makeBuffers, readBuffer } from "./stepBuffers.ts";
import { flatWeightsOf, planTraining, type StepPlan } from "./stepPlan.ts";

/** Losses that may be on their way while steps go on. */
const ringDepth = 4;

/** Input shapes whose forward pass is kept ready. */
const keptInferences = 4;

/** A network trained by one recorded step, replayed for every batch. */
export class WebgpuModel implements Model {
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
  readonly #inferences = new Map<string, Promise<Inference>>();
  #outputRing: ReadbackRing | null = null;
  #predicting: Promise<unknown> = Promise.resolve();
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
      requireClasses(plan, spec);
      const packed = flat.pack(weights);
      const buffers = await session.allocate(() => makeBuffers(session, plan, packed.byteLength));
      session.device.queue.writeBuffer(buffers.weights, 0, packed);
      session.device.queue.writeBuffer(buffers.ranges, 0, plan.ranges);
      const recording = await Recording.make(session, plan, buffers);
      return new WebgpuModel(session, spec, { plan, weights: flat, buffers }, recording, onDispose);
    });
  }

  /** Dispatches of one step. */
  get dispatches(): number {
    return this.#recording.length;
  }

  /** Bytes of all buffers that training holds on the device. */
  get bytes(): number {
    return Object.values(this.#buffers).reduce((sum, buffer: GPUBuffer) => sum + buffer.size, 0);
  }

  step(batch: Batch, learningRate: number): Promise<number> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      this.#requireBatch(batch);
      const readback = await this.#ring.take();
      this.#write(batch, learningRate);
      const { device } = this.#session;
      const encoder = device.createCommandEncoder();
      this.#recording.replay(encoder);
      encoder.copyBufferToBuffer(this.#buffers.arena, this.#plan.lossByte ?? 0, readback, 0, 16);
      device.queue.submit([encoder.finish()]);
      const loss = (await this.#ring.read(readback))[0] ?? Number.NaN;
      this.#session.check();
      if (!Number.isFinite(loss)) throw this.#divergence(loss);
      return loss;
    });
  }

  stepTowards(images: Float32Array, objective: Objective, learningRate: number): Promise<number> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      requireLength("images", images, this.#spec.input);
      const { device } = this.#session;
      const { output, loss: at } = this.#plan;
      if (!at) throw new RangeError("a training plan must have a loss");
      this.#outputRing ??= new ReadbackRing(this.#session, output.bytes, 1);
      const readback = this.#outputRing;
      const target = await readback.take();
      this.#writeScalars(learningRate);
      device.queue.writeBuffer(this.#buffers.image, 0, ownBytes(images));
      const forward = device.createCommandEncoder();
      this.#recording.replay(forward, 0, at.from);
      forward.copyBufferToBuffer(this.#buffers.arena, output.byte, target, 0, output.bytes);
      device.queue.submit([forward.finish()]);
      const values = denseOf(output, await readback.read(target));
      this.#session.check();
      const { loss, gradient } = objective(values);
      if (!Number.isFinite(loss)) throw this.#divergence(loss);
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

  predict(images: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      requireLength("images", images, shape);
      // One after the other, so that a forward pass is never forgotten while it runs.
      const result = this.#predicting.then(async () =>
        (await this.#inferenceFor(shape)).run(images),
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

  /** Gradients of the last step, by weight. */
  readGradients(): Promise<Weights> {
    return this.#session.guard(async () => {
      this.#requireOpen();
      return this.#weights.unpack(await readBuffer(this.#session, this.#buffers.optimiser));
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose();
    for (const key of [...this.#inferences.keys()]) this.#forget(key);
    for (const buffer of Object.values(this.#buffers)) buffer.destroy();
    this.#recording.dispose();
    this.#ring.dispose();
    this.#outputRing?.dispose();
  }

  #inferenceFor(shape: readonly number[]): Promise<Inference> {
    const key = shape.join();
    const inference =
      this.#inferences.get(key) ??
      Inference.make(this.#session, this.#spec.network, shape, this.#weights, this.#buffers);
    this.#inferences.delete(key);
    this.#inferences.set(key, inference);
    // A shape that could not be planned is not remembered.
    inference.catch(() => this.#inferences.delete(key));
    for (const oldest of this.#inferences.keys()) {
      if (this.#inferences.size <= keptInferences) break;
      this.#forget(oldest);
    }
    return inference;
  }

  #forget(key: string): void {
    const inference = this.#inferences.get(key);
    this.#inferences.delete(key);
    inference?.then(
      (made) => made.dispose(),
      () => undefined,
    );
  }

  #divergence(loss: number): PlannerError {
    return new PlannerError(
      "divergence",
      `the loss became ${loss} in step ${this.#steps}; use a lower learning rate`,
    );
  }

  #writeScalars(learningRate: number): void {
    const { beta1, beta2 } = this.#spec.optimiser;
    this.#steps++;
    this.#scalars.set([
      learningRate,
      1 / (1 - beta1 ** this.#steps),
      1 / (1 - beta2 ** this.#steps),
    ]);
    this.#session.device.queue.writeBuffer(this.#buffers.scalars, 0, this.#scalars);
  }

  #write(batch: Batch, learningRate: number): void {
    const { queue } = this.#session.device;
    this.#writeScalars(learningRate);
    this.#labels.set(batch.classes);
    queue.writeBuffer(this.#buffers.labels, 0, this.#labels);
    queue.writeBuffer(this.#buffers.image, 0, ownBytes(batch.images));
  }

  #requireOpen(): void {
    if (this.#disposed) throw new PlannerError("device", "the model was disposed; create it again");
  }

  #requireBatch({ images, classes }: Batch): void {
    const { input } = this.#spec;
    const wrong = (name: string, wanted: number, got: number) =>
      new PlannerError(
        "argument",
        `${name} of a batch must have ${wanted} values for [${input.join(", ")}], got ${got}`,
      );
    if (images.length !== elements(input)) throw wrong("images", elements(input), images.length);
    const places = elements(input.slice(0, -1));
    if (classes.length !== places) throw wrong("classes", places, classes.length);
    for (const label of classes)
      if (label >= this.#spec.classes && label !== 255)
        throw new PlannerError(
          "argument",
          `classes of a batch must be below ${this.#spec.classes} or 255, got ${label}`,
        );
  }
}

function requireClasses({ output }: StepPlan, spec: ModelSpec): void {
  const wanted = [...spec.input.slice(0, -1), spec.classes];
  if (output.shape.join() !== wanted.join())
    throw new PlannerError(
      "argument",
      `network output must be [${wanted.join(", ")}], got [${output.shape.join(", ")}]`,
    );
}

function requireLength(name: string, values: Float32Array, shape: readonly number[]): void {
  if (values.length === elements(shape)) return;
  throw new PlannerError(
    "argument",
    `${name} must have ${elements(shape)} values for [${shape.join(", ")}], got ${values.length}`,
  );
}

/** WebGPU takes no view of shared memory. */
const ownBytes = (values: Float32Array): Float32Array<ArrayBuffer> =>
  values.buffer instanceof ArrayBuffer
    ? (values as Float32Array<ArrayBuffer>)
    : new Float32Array(values);
