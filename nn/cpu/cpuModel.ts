import { PlannerError } from "#core/errors.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type {
  Batch,
  Indices,
  Model,
  ModelSpec,
  Objective,
  TrainingState,
  Weights,
} from "../engine.ts";
import type { WasmMemory } from "../kernels/wasm/wasmKernels.ts";
import { elements } from "../plan/graph.ts";
import { requireIndex } from "../requireIndex.ts";
import { type CpuPlan, planForward, planTraining, type TrainingPlan } from "./cpuPlan.ts";
import { CpuWeights } from "./cpuWeights.ts";
import type { Executor } from "./executor.ts";
import type { WeightLayout } from "./weightLayout.ts";

/** Shapes of which a model keeps the plan. */
const keptPlans = 4;

/**
 * A network whose training step is a list of kernel calls on fixed addresses. Nothing is
 * allocated once it is made, but for the first prediction of a larger shape.
 */
export class CpuModel implements Model {
  readonly stepsAhead = 1;
  readonly #spec: ModelSpec;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #weights: CpuWeights;
  readonly #training: TrainingPlan;
  readonly #predictions = new Map<string, CpuPlan>();
  #device: Executor | null;
  /** The plan whose tables are in memory; all plans lie at the same place. */
  #ready: CpuPlan | null = null;

  /** @throws PlannerError "argument" for weights that do not fit, "device" when memory lacks */
  constructor(spec: ModelSpec, weights: Weights, device: Executor) {
    const description = describeNetwork(spec.network, spec.input);
    requireOutput(spec, description.output);
    this.#spec = spec;
    this.#shapes = description.weights;
    this.#device = device;
    this.#weights = new CpuWeights(description, spec.optimiser, device);
    this.#training = planTraining(device, this.#weights.layout, spec);
    this.#prepare(this.#training);
    this.#weights.write(weights);
  }

  /** Bytes of the memory, all the model has. */
  get bytes(): number {
    return this.#alive().memory.buffer.byteLength;
  }

  /** Where weights, gradients and moments lie; all behind `end` is written by each call anew. */
  get weightBytes(): Pick<WeightLayout, "weights" | "end"> {
    return this.#weights.layout;
  }

  async step(batch: Batch, learningRate: number): Promise<number> {
    const loss = this.#forward(batch);
    this.#update(loss, learningRate);
    return loss;
  }

  async stepTowards(
    images: Float32Array,
    objective: Objective,
    learningRate: number,
    indices?: Indices,
  ): Promise<number> {
    requireLength("images", images, this.#spec.input);
    const plan = this.#training;
    this.#prepare(plan);
    this.#floats(plan.input.address, images.length).set(images);
    this.#writeIndices(plan, indices);
    plan.forward();
    const shape = [...this.#spec.input.slice(0, -1), this.#spec.classes];
    const { loss, gradient } = objective(this.#floats(plan.output.address, elements(shape)));
    requireLength("gradient", gradient, shape);
    this.#floats(plan.outputGradient.address, gradient.length).set(gradient);
    this.#update(loss, learningRate);
    return loss;
  }

  /** Backward pass and optimiser, from the gradient by the output. */
  #update(loss: number, learningRate: number): void {
    this.#alive();
    if (!Number.isFinite(loss))
      throw new PlannerError(
        "divergence",
        `the loss of step ${this.#weights.steps + 1} is not finite (${loss}); lower the learning rate`,
      );
    this.#weights.clearGradients();
    this.#training.backward();
    this.#weights.updateStatistics(this.#training.measured);
    this.#weights.update(learningRate);
  }

  /** Loss and its gradient by every weight, which stay as they are. */
  async gradients(batch: Batch): Promise<{ loss: number; gradients: Weights }> {
    const loss = this.#forward(batch);
    this.#weights.clearGradients();
    this.#training.backward();
    return { loss, gradients: this.#weights.gradients() };
  }

  async predict(
    images: Float32Array,
    shape: readonly number[],
    indices?: Indices,
  ): Promise<Float32Array> {
    const plan = this.#planOf(shape);
    requireLength("images", images, shape);
    this.#prepare(plan);
    this.#floats(plan.input.address, images.length).set(images);
    this.#writeIndices(plan, indices);
    plan.forward();
    const { address, batch, size, channels } = plan.output;
    return this.#floats(address, batch * elements(size) * channels).slice();
  }

  async readWeights(): Promise<Weights> {
    this.#alive();
    return this.#weights.read();
  }

  async readState(): Promise<TrainingState> {
    this.#alive();
    return this.#weights.state();
  }

  async writeState(state: TrainingState): Promise<void> {
    this.#alive();
    this.#weights.writeState(state);
  }

  dispose(): void {
    if (!this.#device) return;
    for (const plan of [this.#training, ...this.#predictions.values()]) plan.dispose();
    this.#predictions.clear();
    this.#device.dispose();
    this.#device = null;
  }

  #writeIndices({ indices: planned }: CpuPlan, given: Indices | undefined): void {
    const { buffer } = this.#alive().memory;
    for (const [name, list] of planned)
      new Int32Array(buffer, list.address, list.count).set(requireIndex(given, name, list));
  }

  #forward({ images, classes, indices }: Batch): number {
    const { input, classes: count } = this.#spec;
    requireLength("images", images, input);
    requireLength("classes", classes, input.slice(0, -1));
    const wrong = classes.find((one) => one >= count && one !== 255);
    if (wrong !== undefined)
      throw new PlannerError(
        "argument",
        `classes must be below ${count}, or 255 where nobody annotated, got ${wrong}`,
      );
    const plan = this.#training;
    this.#prepare(plan);
    this.#floats(plan.input.address, images.length).set(images);
    this.#writeIndices(plan, indices);
    new Uint8Array(this.#alive().memory.buffer, plan.labels, classes.length).set(classes);
    plan.forward();
    return plan.loss();
  }

  #planOf(shape: readonly number[]): CpuPlan {
    const key = `${shape}`;
    const known = this.#predictions.get(key);
    this.#predictions.delete(key);
    const plan = known ?? this.#planned(shape);
    this.#predictions.set(key, plan);
    for (const oldest of this.#predictions.keys()) {
      if (this.#predictions.size <= keptPlans) break;
      this.#predictions.get(oldest)?.dispose();
      this.#predictions.delete(oldest);
    }
    return plan;
  }

  #planned(shape: readonly number[]): CpuPlan {
    const { weights } = describeNetwork(this.#spec.network, shape);
    for (const [name, expected] of this.#shapes) {
      if (`${weights.get(name)}` === `${expected}`) continue;
      throw new PlannerError(
        "argument",
        `images must have the ${this.#spec.input.at(-1)} channels and rank the model was made ` +
          `for, got [${shape.join(", ")}]`,
      );
    }
    return planForward(this.#alive(), this.#weights.layout, this.#spec.network, shape);
  }

  /** Makes memory large enough for a plan and brings in its tables. */
  #prepare(plan: CpuPlan): void {
    const { memory } = this.#alive();
    if (this.#ready === plan) return;
    const missing = plan.end - memory.buffer.byteLength;
    if (missing > 0) grow(memory, missing);
    plan.writeTables(memory.buffer);
    this.#ready = plan;
  }

  #floats(address: number, count: number): Float32Array {
    return new Float32Array(this.#alive().memory.buffer, address, count);
  }

  #alive(): Executor {
    if (this.#device) return this.#device;
    throw new PlannerError("argument", "model must not be used after dispose");
  }
}

function grow(memory: WasmMemory, bytes: number): void {
  try {
    memory.grow(Math.ceil(bytes / 65536));
  } catch (cause) {
    const more = Math.ceil(bytes / 2 ** 20);
    throw new PlannerError(
      "device",
      `the network needs ${more} MiB more memory than there is; use a smaller batch or patch`,
      { cause },
    );
  }
}

function requireOutput({ input, classes }: ModelSpec, output: readonly number[]): void {
  const expected = [...input.slice(0, -1), classes];
  if (`${output}` === `${expected}`) return;
  throw new PlannerError(
    "argument",
    `network output must be [${expected.join(", ")}], got [${output.join(", ")}]`,
  );
}

function requireLength(name: string, values: ArrayLike<number>, shape: readonly number[]): void {
  if (values.length === elements(shape)) return;
  throw new PlannerError(
    "argument",
    `${name} must be [${shape.join(", ")}], got ${values.length} values`,
  );
}
