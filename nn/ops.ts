/**
 * The ops a network may use. A network is written once over this vocabulary and never
 * imports an engine; an executor decides what a tensor `T` is (a shape, a TensorFlow.js
 * tensor, a node of a plan). Tensors are channels-last: [batch, height, width, channels]
 * in 2D, [batch, depth, height, width, channels] in 3D; each op works in both by the rank
 * of its input. Weights are named where they are used: `conv(x, "down0.a", ..)` owns
 * `down0.a.kernel` and `down0.a.bias`.
 */
export interface Ops<T> {
  /**
   * Convolution, zero padded so that stride 1 keeps the size (PyTorch padding
   * `dilation * (size - 1) / 2`), with bias unless told otherwise.
   * `name.kernel` [size.., in, out], `name.bias` [out].
   * With a stride the output has ceil(n / stride) places per axis.
   */
  conv(x: T, name: string, options: ConvOptions): T;
  /**
   * Transposed convolution with kernel = stride = `size`, no padding: each axis grows
   * `size`-fold. `name.kernel` [size.., in, out], `name.bias` [out].
   */
  convTransposed(x: T, name: string, options: { out: number; size: number }): T;
  /**
   * Normalises to zero mean and unit variance (biased), eps 1e-5, then scales and shifts
   * per channel: `name.scale` [channels], `name.shift` [channels].
   * "instance": over the places of each sample and channel.
   */
  norm(x: T, name: string, kind: "instance"): T;
  relu(x: T): T;
  /** x for x >= 0, slope * x below. */
  leakyRelu(x: T, slope: number): T;
  /** Window 2, stride 2, no padding; an odd last place is dropped. */
  maxPool(x: T): T;
  /**
   * Linear interpolation to the spatial size of `like`, half-pixel centres and clamped
   * edges (PyTorch `align_corners=False`).
   */
  upsample(x: T, like: T): T;
  /** Joins along channels. */
  concat(...parts: readonly T[]): T;
}

export interface ConvOptions {
  /** Output channels. */
  readonly out: number;
  /** Kernel size along every spatial axis, odd. */
  readonly size: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly bias?: boolean;
}

/** A network is a function of its ops; everything else about it is an interpretation. */
export type Network = <T>(ops: Ops<T>, image: T) => T;
