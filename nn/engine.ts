import type { Network } from "./ops.ts";

/** Values of every weight by name, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** One batch of annotated slices or patches. */
export interface Batch {
  /** [batch, ..spatial, channels], row-major. */
  readonly images: Float32Array;
  /** [batch, ..spatial]: class of each place, 255 where nobody annotated. */
  readonly classes: Uint8Array;
}

/** How a model is trained; fixed for its life. */
export interface ModelSpec {
  readonly network: Network;
  /** [batch, ..spatial, channels] of training batches. */
  readonly input: readonly number[];
  readonly classes: number;
  readonly loss: LossSpec;
  readonly optimiser: OptimiserSpec;
}

/** Sum of the named terms, each over annotated places only (methods 5.2). */
export interface LossSpec {
  /** Weight of the mean cross entropy. */
  readonly crossEntropy: number;
  /** Weight of the soft Dice loss over the foreground classes, sums pooled over the batch. */
  readonly dice: number;
}

/** AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101). */
export interface OptimiserSpec {
  readonly kind: "adamw";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** What the output of a network is worth, where no loss of labels says it. */
export interface Score {
  readonly loss: number;
  /** By every value of the output, in its order. */
  readonly gradient: Float32Array;
}

/** @param output - [batch, ..spatial, channels], row-major; valid during the call only */
export type Objective = (output: Float32Array) => Score;

/** A network with its weights and optimiser state on a device. */
export interface Model {
  /**
   * One optimiser step.
   *
   * @returns the loss before the update
   * @throws PlannerError "divergence" when the loss is not finite, "device" when the device
   *   reported an error since the last call: a number from a broken device never gets out
   */
  step(batch: Batch, learningRate: number): Promise<number>;
  /**
   * One optimiser step towards a loss that is computed outside the network. The loss of the
   * spec takes no part. No other call of the model may be under way.
   *
   * @param images - of the spec's `input`
   * @returns the loss before the update
   * @throws PlannerError as `step`
   */
  stepTowards(images: Float32Array, objective: Objective, learningRate: number): Promise<number>;
  /**
   * Logits of images of any size the network accepts.
   *
   * @param images - row-major
   * @param shape - [batch, ..spatial, channels]
   * @returns [batch, ..spatial, classes], row-major
   * @throws PlannerError "device" as `step`
   */
  predict(images: Float32Array, shape: readonly number[]): Promise<Float32Array>;
  readWeights(): Promise<Weights>;
  /** Frees everything the model holds on the device. */
  dispose(): void;
}

/** A device that trains. */
export interface Engine {
  /** As results record it. */
  readonly backend: "webgpu" | "cpu";
  /** The adapter or processor, in words. */
  readonly device: string;
  createModel(spec: ModelSpec, weights: Weights): Promise<Model>;
  dispose(): void;
}
