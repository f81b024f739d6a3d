/**
 * The ops a network may use. A network is written once over this vocabulary and never
 * imports an engine; an executor decides what a tensor `T` is (a shape, a TensorFlow.js
 * tensor, a node of a plan). Tensors are channels-last: [batch, height, width, channels]
 * in 2D, [batch, depth, height, width, channels] in 3D; each op works in both by the rank
 * of its input. Weights are named where they are used: `conv(x, "down0.a", ..)` owns
 * `down0.a.kernel` and `down0.a.bias`.
 */
export interface Ops<T> extends TokenOps<T> {
  /**
   * Convolution, zero padded so that stride 1 keeps the size (PyTorch padding
   * `dilation * (size - 1) / 2`), with bias unless told otherwise.
   * `name.kernel` [size.., in, out], `name.bias` [out].
   * With a stride the output has ceil(n / stride) places per axis.
   *
   * A kernel of even size cuts the input into patches: its stride is its size, nothing is
   * padded, and an axis has floor(n / size) places.
   */
  conv(x: T, name: string, options: ConvOptions): T;
  /**
   * Transposed convolution: each axis grows `stride`-fold, and place i of x reaches the places
   * `i * stride - ceil((size - stride) / 2) + tap` (PyTorch: padding of that many, and the
   * output padding that makes the size a whole multiple). The stride is the size unless told
   * otherwise. `name.kernel` [size.., in, out], `name.bias` [out].
   */
  convTransposed(x: T, name: string, options: ConvTransposedOptions): T;
  /**
   * Normalises to zero mean and unit variance (biased), then scales and shifts per channel:
   * `name.scale` [channels], `name.shift` [channels].
   */
  norm(x: T, name: string, kind: NormKind, options?: NormOptions): T;
  relu(x: T): T;
  /** x for x >= 0, slope * x below. */
  leakyRelu(x: T, slope: number): T;
  /** x for x >= 0, `name.slope` [1] times x below: one slope, which is learned. */
  prelu(x: T, name: string): T;
  /** 1 / (1 + exp(-x)) */
  sigmoid(x: T): T;
  /** Sum of two tensors of one shape. */
  add(a: T, b: T): T;
  /** Product of x and a gate of its shape, or of its places with one channel for all. */
  multiply(x: T, gate: T): T;
  /** Window 2, stride 2, no padding; an odd last place is dropped. */
  maxPool(x: T): T;
  /**
   * Linear interpolation to the spatial size of `like`, half-pixel centres and clamped
   * edges (PyTorch `align_corners=False`).
   */
  upsample(x: T, like: T): T;
  /** x at the spatial size of `like`: the nearest place, or linear with the corners aligned. */
  resize(x: T, like: T, how: "nearest" | "corners"): T;
  /**
   * Means of windows of `size` places along every spatial axis, side by side, a remainder
   * dropped; "all": of all places.
   */
  averagePool(x: T, size: number | "all"): T;
  /**
   * Every spatial axis `divisor` times shorter by its low frequencies alone (Rippel et al. 2015,
   * arXiv:1506.03767), of the mean kept unless `scaled`: then times the places that become one.
   */
  spectralPool(x: T, divisor: number, options?: { readonly scaled?: boolean }): T;
  /** Joins along channels. */
  concat(...parts: readonly T[]): T;
}

/**
 * Ops that treat the places of a grid as tokens: in row-major order, so that nothing has to be
 * done to go from a grid to tokens and back. A linear layer is a convolution of size 1.
 */
export interface TokenOps<T> {
  /**
   * Convolution of every channel by a kernel of its own, odd, zero padded, stride 1, with bias.
   * `name.kernel` [size.., 1, channels], `name.bias` [channels].
   */
  depthwise(x: T, name: string, size: number): T;
  /** x P(z <= x) of a standard normal z: the exact GELU. */
  gelu(x: T): T;
  /**
   * Normalises the channels of each place to zero mean and unit variance (biased), then scales
   * and shifts: `name.scale` [channels], `name.shift` [channels].
   */
  layerNorm(x: T, name: string, epsilon: number): T;
  /** Channels in order, in parts of these counts. Nothing else may use `x`. */
  split(x: T, channels: readonly number[]): T[];
  /**
   * Softmax attention over all places of a sample: `heads` groups of neighbouring channels,
   * scores scaled by 1 / sqrt(channels / heads). Keys and values have the same places, which
   * need not be those of the queries.
   */
  attention(query: T, key: T, value: T, heads: number): T;
  /** Adds a learned vector to each place: `name.table` [..spatial, channels]. */
  position(x: T, name: string): T;
  /** Adds numbers that nothing learns: [..spatial, channels], row-major. */
  addTable(x: T, values: Float32Array): T;
  /**
   * Places of x in the order that the step's list `index` says, as a grid of `places`. -1 in the
   * list stands for the learned vector `token.vector` [channels].
   */
  pick(x: T, index: string, options: PickOptions): T;
}

export interface PickOptions {
  /** Places of the result along its spatial axes; as many axes as x has. */
  readonly places: readonly number[];
  /** Name of the learned vector; without one no index may be -1. */
  readonly token?: string;
}

/**
 * Over what mean and variance are taken. "instance": the places of each sample and channel.
 * "batch": the places of all samples, each channel alone; predictions use averages of the
 * training batches instead, `name.mean` and `name.variance` [channels], which are kept with the
 * weights and move by a tenth at each step (the variance unbiased). Groups: the places and
 * neighbouring channels of each sample, `groups` of them.
 */
export type NormKind = "instance" | "batch" | { readonly groups: number };

export interface NormOptions {
  /** Added to the variance; 1e-5 unless told otherwise. */
  readonly epsilon?: number;
  /** Whether there are scale and shift; there are unless told otherwise. */
  readonly affine?: boolean;
}

export interface ConvTransposedOptions {
  /** Output channels. */
  readonly out: number;
  /** Kernel size along every spatial axis. */
  readonly size: number;
  /** `size`; or 1 or 2 where the size is odd. */
  readonly stride?: number;
  readonly bias?: boolean;
}

export interface ConvOptions {
  /** Output channels. */
  readonly out: number;
  /** Kernel size along every spatial axis: odd, or even and equal to the stride. */
  readonly size: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly bias?: boolean;
  /** Standard deviation of the kernel before training; sqrt(2 / fan in) unless told otherwise. */
  readonly deviation?: number;
}

/** A network is a function of its ops; everything else about it is an interpretation. */
export type Network = <T>(ops: Ops<T>, image: T) => T;
