import * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";
import { type Description, describeNetwork } from "../describeNetwork.ts";
import type {
  Batch,
  Indices,
  Model,
  ModelSpec,
  Objective,
  TrainingState,
  Weights,
} from "../engine.ts";
import { momentCount } from "../kernels/optimiser.reference.ts";
import { disposeAll, type FlatState, flattened, unflattened, updated } from "./flatState.ts";
import { guardedOps, type StepOptions } from "./guardedOps.ts";
import { maskedLoss, targetOf } from "./loss.ts";
import { RunningStatistics } from "./runningStatistics.ts";

/**
 * How a device runs a piece of work: makes its backend the current one first, and rejects
 * when the device reported an error meanwhile.
 */
export type Runner = <R>(work: () => Promise<R>) => Promise<R>;

/** What a step works on; its tensors belong to the step. */
interface Goal {
  readonly images: tf.Tensor;
  lossOf(output: tf.Tensor): tf.Scalar;
  readonly indices: Indices | undefined;
}

/**
 * A network op by op on TensorFlow.js. All weights lie in one vector, and so do the
 * moments, so that an optimiser step is a dozen ops whatever the number of layers.
 */
export class EagerModel implements Model {
  readonly stepsAhead = 1;

  /** Between two calls. */
  get bytes(): number {
    const { parameters, moments } = this.#state ?? { parameters: null, moments: [] };
    return 4 * (parameters?.size ?? 0) * (1 + moments.length);
  }

  readonly #spec: ModelSpec;
  readonly #description: Description;
  readonly #run: Runner;
  readonly #statistics: RunningStatistics;
  #state: FlatState | null;
  #steps = 0;

  constructor(spec: ModelSpec, weights: Weights, run: Runner) {
    this.#spec = spec;
    this.#description = describeNetwork(spec.network, spec.input);
    this.#run = run;
    this.#statistics = new RunningStatistics(this.#description, weights);
    const flat = flattened(this.#description, weights);
    this.#state = {
      parameters: tf.tensor1d(flat),
      moments: Array.from({ length: momentCount(spec.optimiser) }, () => tf.zeros([flat.length])),
    };
  }

  async step(batch: Batch, learningRate: number): Promise<number> {
    const { input, classes } = this.#spec;
    requireLength("images", batch.images, input);
    requireLength("classes", batch.classes, input.slice(0, -1));
    return this.#run(async () => {
      const loss = this.#update(learningRate, () => {
        const target = targetOf(batch.classes, classes);
        const lossOf = (logits: tf.Tensor) =>
          maskedLoss(tf.reshape(logits, [-1, classes]), target, this.#spec.loss, input[0]);
        return { images: tf.tensor(batch.images, [...input]), lossOf, indices: batch.indices };
      });
      const [value] = await loss.data();
      loss.dispose();
      const finite = this.#finite(value);
      await this.#statistics.settle();
      return finite;
    });
  }

  /** Runs the network twice: its output has to be here before the tape is needed. */
  async stepTowards(
    images: Float32Array,
    objective: Objective,
    learningRate: number,
    indices?: Indices,
  ): Promise<number> {
    const { input, classes } = this.#spec;
    requireLength("images", images, input);
    const output = await this.#run(() => this.#output(images, input, { indices }));
    const { loss, gradient } = objective(output);
    this.#finite(loss);
    const shape = [...input.slice(0, -1), classes];
    requireLength("gradient", gradient, shape);
    return this.#run(async () => {
      const value = this.#update(learningRate, () => {
        const slope = tf.tensor(gradient, shape);
        const lossOf = (output: tf.Tensor): tf.Scalar => tf.sum(tf.mul(output, slope));
        return { images: tf.tensor(images, [...input]), lossOf, indices };
      });
      await value.data();
      value.dispose();
      await this.#statistics.settle();
      return loss;
    });
  }

  #finite(loss: number | undefined): number {
    if (loss !== undefined && Number.isFinite(loss)) return loss;
    throw new PlannerError(
      "divergence",
      `the loss of step ${this.#steps} is not finite (${loss}); lower the learning rate`,
    );
  }

  async predict(
    images: Float32Array,
    shape: readonly number[],
    indices?: Indices,
  ): Promise<Float32Array> {
    const { weights } = describeNetwork(this.#spec.network, shape);
    for (const [name, expected] of this.#description.weights) {
      if (`${weights.get(name)}` === `${expected}`) continue;
      throw new PlannerError(
        "argument",
        `images must have the ${this.#spec.input.at(-1)} channels and rank the model was made ` +
          `for, got [${shape.join(", ")}]`,
      );
    }
    requireLength("images", images, shape);
    return this.#run(() =>
      this.#output(images, shape, { indices, batchNorms: { predicts: true } }),
    );
  }

  async #output(
    images: Float32Array,
    shape: readonly number[],
    options: StepOptions,
  ): Promise<Float32Array> {
    const logits = tf.tidy(() =>
      this.#logits(tf.tensor(images, [...shape]), this.#parts(), options),
    );
    const values = await logits.data();
    logits.dispose();
    return values as Float32Array;
  }

  async readWeights(): Promise<Weights> {
    return this.#run(async () => {
      const learned = await unflattened(this.#description, this.#alive().parameters);
      return new Map([...learned, ...this.#statistics.read()]);
    });
  }

  async readState(): Promise<TrainingState> {
    return this.#run(async () => {
      const steps = this.#steps;
      const { parameters, moments } = this.#alive();
      const [weights, ...rest] = await Promise.all(
        [parameters, ...moments].map((one) => unflattened(this.#description, one)),
      );
      const all = new Map([...(weights ?? []), ...this.#statistics.read()]);
      return { steps, weights: all, moments: rest };
    });
  }

  async writeState({ steps, weights, moments }: TrainingState): Promise<void> {
    const wanted = momentCount(this.#spec.optimiser);
    if (moments.length !== wanted) {
      throw new PlannerError(
        "argument",
        `moments must be ${wanted} for ${this.#spec.optimiser.kind}, got ${moments.length}`,
      );
    }
    const flat = [weights, ...moments].map((one) => flattened(this.#description, one));
    await this.#run(async () => {
      this.#alive();
      this.#statistics.write(weights);
      this.dispose();
      const [parameters, ...rest] = flat.map((values) => tf.tensor1d(values));
      this.#state = { parameters: parameters as tf.Tensor, moments: rest };
      this.#steps = steps;
    });
  }

  dispose(): void {
    if (this.#state) disposeAll(this.#state);
    this.#state = null;
  }

  /** One step up to the loss, which is still on the device. */
  #update(learningRate: number, prepare: () => Goal): tf.Scalar {
    const { optimiser } = this.#spec;
    const before = this.#alive();
    const { loss, ...after } = tf.tidy(() => {
      const { images, lossOf, indices } = prepare();
      const options = { indices, batchNorms: this.#statistics.training };
      const lossOfParts = (...parts: tf.Tensor[]) => lossOf(this.#logits(images, parts, options));
      const { value, grads } = tf.valueAndGrads(lossOfParts)(this.#parts());
      const gradient = tf.concat1d(grads.map((one) => tf.reshape(one, [-1])));
      const next = updated(before, gradient, optimiser, learningRate, this.#steps + 1);
      return { loss: value as tf.Scalar, parameters: next.parameters, moments: next.moments };
    });
    disposeAll(before);
    this.#state = after;
    this.#steps++;
    return loss;
  }

  /** The weights one by one, in the order of the description. */
  #parts(): tf.Tensor[] {
    const { parameters } = this.#alive();
    const shapes = [...this.#description.weights.values()];
    const flat = tf.split(parameters, shapes.map(sizeOf));
    return flat.map((part, index) => tf.reshape(part, [...(shapes[index] ?? [])]));
  }

  #logits(images: tf.Tensor, parts: readonly tf.Tensor[], options: StepOptions): tf.Tensor {
    const names = [...this.#description.weights.keys()];
    const learned = parts.map((part, index) => [names[index] ?? "", part] as const);
    const weights = new Map([...learned, ...this.#statistics.tensors()]);
    return this.#spec.network(guardedOps(weights, options), images);
  }

  #alive(): FlatState {
    if (this.#state) return this.#state;
    throw new PlannerError("argument", "model must not be used after dispose");
  }
}

function requireLength(name: string, values: ArrayLike<number>, shape: readonly number[]): void {
  if (values.length === sizeOf(shape)) return;
  throw new PlannerError(
    "argument",
    `${name} must be [${shape.join(", ")}], got ${values.length} values`,
  );
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
