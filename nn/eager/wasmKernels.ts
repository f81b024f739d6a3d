import * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";

/**
 * Gives the WebAssembly backend of TensorFlow.js 4.22 what it lacks to train: the gradient
 * of 2D filters is missing, the input gradient in 3D is wrong, that in 2D slow. Called once
 * after the backend started; kernels of our own are registered here too.
 */
export function registerCpuKernels(): void {
  replace("Conv2DBackpropFilter", filterGradient2d);
  replace("Conv2DBackpropInput", ({ dy, filter }) =>
    tf.conv2d(dy as tf.Tensor4D, turned(filter as tf.Tensor4D, [0, 1, 3, 2]), 1, "same"),
  );
  replace("Conv3DBackpropInputV2", ({ dy, filter }) =>
    tf.conv3d(dy as tf.Tensor5D, turned(filter as tf.Tensor5D, [0, 1, 2, 4, 3]), 1, "same"),
  );
}

function replace(
  kernelName: string,
  compute: (inputs: Readonly<Record<string, tf.Tensor>>, attributes: Attributes) => tf.Tensor,
): void {
  if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const attributes = attrs as unknown as Attributes;
      requireSimple(kernelName, attributes);
      // What reaches a kernel through the engine are tensors, whatever the type says.
      return tf.tidy(() => compute(inputs as Readonly<Record<string, tf.Tensor>>, attributes));
    },
  });
}

interface Attributes {
  readonly strides: number | readonly number[];
  readonly pad: unknown;
  readonly filterShape?: readonly number[];
}

/** The guarded ops ask for nothing else: they make strides and dilations themselves. */
function requireSimple(kernelName: string, { strides, pad }: Attributes): void {
  if ([strides].flat().every((stride) => stride === 1) && pad === "same") return;
  throw new PlannerError(
    "argument",
    `${kernelName} must have stride 1 and same padding, got stride ${strides} and padding ${pad}`,
  );
}

/** A filter with its taps reversed and its channels exchanged. */
function turned<T extends tf.Tensor4D | tf.Tensor5D>(filter: T, order: number[]): T {
  const axes = order.slice(0, -2);
  return tf.transpose(tf.reverse(filter, axes), order) as T;
}

/**
 * A convolution again: input channels take the place of the batch, the batch that of the
 * channels, and dy is the filter.
 */
function filterGradient2d(
  { x, dy }: Readonly<Record<string, tf.Tensor>>,
  { filterShape = [] }: Attributes,
): tf.Tensor {
  const [rows, columns] = filterShape.map((size) => (size - 1) / 2) as [number, number];
  const framed = tf.pad(x as tf.Tensor, [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ]);
  const images = tf.transpose(framed, [3, 1, 2, 0]) as tf.Tensor4D;
  const filters = tf.transpose(dy as tf.Tensor, [1, 2, 0, 3]) as tf.Tensor4D;
  return tf.transpose(tf.conv2d(images, filters, 1, "valid"), [1, 2, 0, 3]);
}
