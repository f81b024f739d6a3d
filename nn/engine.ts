import type { Network } from "./ops.ts";

/** Values of every weight by name, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Lists of places that a step picks, by name (see `pick` in `ops.ts`): [batch, places]. */
export type Indices = ReadonlyMap<string, Int32Array>;

/** One batch of annotated slices or patches. */
export interface Batch {
  /** [batch, ..spatial, channels], row-major. */
  readonly images: Float32Array;
  /** [batch, ..spatial]: class of each place, 255 where nobody annotated. */
  readonly classes: Uint8Array;
  /** Of networks that pick places. */
  readonly indices?: Indices;
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

/**
 * Sum of the named terms, each over annotated places only (methods 5.2). With p the softmax of
 * the logits, y the class of a place and w the weights of the classes:
 *
 *     cross entropy  -sum w_y log p_y / sum w_y
 *     Dice           mean over classes of 1 - (2 sum p g + 1e-5) / (sum p + sum g + 1e-5)
 *     focal          -sum (1 - p_y)^gamma log p_y / number of annotated places
 *
 * Of no term at all where a model only steps towards losses from outside.
 */
export interface LossSpec {
  readonly crossEntropy: number;
  /** w of the cross entropy, background first; left out: all 1. */
  readonly classWeights?: readonly number[];
  readonly dice: number;
  /** The background is one of the classes whose Dice is averaged; not unless told so. */
  readonly diceBackground?: boolean;
  /** Sums of the Dice run over each sample, not over the whole batch. */
  readonly dicePerSample?: boolean;
  readonly focal?: number;
  /** At least 1; 2 unless told otherwise. */
  readonly gamma?: number;
}

/** How a step changes the weights, by the gradient and what is remembered of earlier ones. */
export type OptimiserSpec = AdamwSpec | SgdSpec;

/** AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101). */
export interface AdamwSpec {
  readonly kind: "adamw";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * Gradient descent with momentum (Sutskever et al. 2013): v = momentum v + g + decay w, first
 * v = g + decay w, then w = w - rate v, or w - rate (g + decay w + momentum v) with Nesterov.
 */
export interface SgdSpec {
  readonly kind: "sgd";
  /** From 0 to below 1; 0 keeps no velocity. */
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/**
 * All that training goes on from: a model that is given it does the next step as if it had
 * never been interrupted, bit for bit on the same device.
 */
export interface TrainingState {
  /** Steps done. */
  readonly steps: number;
  readonly weights: Weights;
  /** What the optimiser remembers, each shaped as the weights: AdamW 2, SGD 1. */
  readonly moments: readonly Weights[];
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
   * Steps that may be under way at once: so many can be asked for before the loss of the first
   * is awaited, and their losses come in their order. 1 where a step is computed by the call.
   */
  readonly stepsAhead: number;
  /** What it holds on the device now. */
  readonly bytes: number;
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
   * @param indices - of networks that pick places
   * @returns the loss before the update
   * @throws PlannerError as `step`
   */
  stepTowards(
    images: Float32Array,
    objective: Objective,
    learningRate: number,
    indices?: Indices,
  ): Promise<number>;
  /**
   * Logits of images of any size the network accepts.
   *
   * @param images - row-major
   * @param shape - [batch, ..spatial, channels]
   * @param indices - of networks that pick places
   * @returns [batch, ..spatial, classes], row-major
   * @throws PlannerError "device" as `step`
   */
  predict(images: Float32Array, shape: readonly number[], indices?: Indices): Promise<Float32Array>;
  readWeights(): Promise<Weights>;
  /** As after the last step that was asked for. */
  readState(): Promise<TrainingState>;
  /** @throws PlannerError "argument" for a state of another network or optimiser */
  writeState(state: TrainingState): Promise<void>;
  /** Frees everything the model holds on the device. */
  dispose(): void;
}

/** What a model would hold on a device, known without making it. */
export interface MemoryPlan {
  /** At the most, once it has trained and predicted. */
  readonly bytes: number;
  /** Whether the device allows buffers of the sizes it needs; free memory nobody can ask for. */
  readonly fits: boolean;
}

/** A device that trains. */
export interface Engine {
  /** As results record it. */
  readonly backend: "webgpu" | "cpu";
  /** The adapter or processor, in words. */
  readonly device: string;
  createModel(spec: ModelSpec, weights: Weights): Promise<Model>;
  /**
   * The memory of a model that trains and predicts batches of these shapes; null where
   * nothing is planned ahead.
   *
   * @param predicted - [batch, ..spatial, channels] each
   * @throws PlannerError "argument" for a spec that cannot be
   */
  planMemory(spec: ModelSpec, predicted: readonly (readonly number[])[]): MemoryPlan | null;
  dispose(): void;
}
