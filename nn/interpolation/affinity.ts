import { PlannerError } from "#core/errors.ts";
import {
  type AffinityShape,
  affinityGradientReference,
  affinityReference,
} from "../kernels/affinity/affinity.reference.ts";
import {
  compileKernels,
  instantiateKernels,
  type WasmKernels,
  type WasmMemory,
} from "../kernels/wasm/wasmKernels.ts";
import { slackBytes } from "../kernels/wasm/workspace.ts";

/** Sizes that stay the same for all slices of a stack. */
export type StackShape = Omit<AffinityShape, "values"> & { readonly slices: number };

/**
 * Slices with features, put together from one another (meaning: `affinity.reference.ts`).
 * Slices are named by their place in the stack.
 */
export interface AffinityStack {
  /** @param values - of the slice `source`, [height, width, values] */
  reconstruct(target: number, source: number, values: Float32Array): Float32Array;
  /** Adds to the gradient by the features what reaches them through one reconstruction. */
  backward(target: number, source: number, values: Float32Array, dy: Float32Array): void;
  /** [slices, height, width, channels]; zero until `backward` */
  readonly gradient: Float32Array;
}

/** Makes stacks; the one before is no longer valid then. */
export interface AffinityDevice {
  stack(shape: StackShape, features: Float32Array): AffinityStack;
}

/**
 * Our own kernels on one thread.
 *
 * @throws PlannerError "device" where WebAssembly or its SIMD instructions are missing
 */
export async function wasmAffinity(): Promise<AffinityDevice> {
  const { kernels, memory } = instantiateKernels(await compileKernels());
  return { stack: (shape, features) => new WasmStack(kernels, memory, shape, features) };
}

/** Plain loops, for processors without SIMD instructions. */
export const plainAffinity: AffinityDevice = {
  stack: (shape, features) => new PlainStack(shape, features),
};

/** Room for values of up to this many classes and as many gradients. */
const mostValues = 64;

class WasmStack implements AffinityStack {
  readonly #kernels: WasmKernels;
  readonly #memory: WasmMemory;
  readonly #shape: StackShape;
  readonly #features: number;
  readonly #gradient: number;
  readonly #values: number;
  readonly #result: number;
  readonly #scratch: number;
  readonly #places: number;
  #isCleared = false;

  constructor(kernels: WasmKernels, memory: WasmMemory, shape: StackShape, features: Float32Array) {
    requireShape(shape, features);
    this.#kernels = kernels;
    this.#memory = memory;
    this.#shape = shape;
    this.#places = shape.height * shape.width;
    let end = kernels.firstFree();
    const reserve = (floats: number): number => {
      const address = Math.ceil(end / 64) * 64;
      end = address + 4 * floats + slackBytes;
      return address;
    };
    this.#features = reserve(features.length);
    this.#gradient = reserve(features.length);
    this.#values = reserve(mostValues * this.#places);
    this.#result = reserve(mostValues * this.#places);
    this.#scratch = reserve(2 * (2 * shape.radius + 1) ** 2);
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) grow(memory, missing);
    this.#floats(this.#features, features.length).set(features);
  }

  reconstruct(target: number, source: number, values: Float32Array): Float32Array {
    const count = this.#write(this.#values, values);
    this.#kernels.affinityForward(
      ...[this.#sliceAt(target), this.#sliceAt(source), this.#values, this.#result, this.#scratch],
      ...this.#sizes(count),
    );
    return this.#floats(this.#result, values.length).slice();
  }

  backward(target: number, source: number, values: Float32Array, dy: Float32Array): void {
    const count = this.#write(this.#values, values);
    this.#write(this.#result, dy);
    this.#clearGradient();
    const shift = this.#gradient - this.#features;
    const [own, other] = [this.#sliceAt(target), this.#sliceAt(source)];
    this.#kernels.affinityBackward(
      ...[own, other, this.#values, this.#result, own + shift, other + shift, 0, this.#scratch],
      ...this.#sizes(count),
    );
  }

  get gradient(): Float32Array {
    const { slices, channels } = this.#shape;
    this.#clearGradient();
    return this.#floats(this.#gradient, slices * this.#places * channels).slice();
  }

  /** What lies there before is of another stack; inference never needs it. */
  #clearGradient(): void {
    if (this.#isCleared) return;
    const { slices, channels } = this.#shape;
    this.#floats(this.#gradient, slices * this.#places * channels).fill(0);
    this.#isCleared = true;
  }

  #write(address: number, values: Float32Array): number {
    const count = values.length / this.#places;
    if (!Number.isInteger(count) || count < 1 || count > mostValues)
      throw new PlannerError(
        "argument",
        `values must be 1 to ${mostValues} for each of ${this.#places} pixels, got ${values.length}`,
      );
    this.#floats(address, values.length).set(values);
    return count;
  }

  #sizes(values: number): number[] {
    const { height, width, channels, radius, border } = this.#shape;
    return [height, width, channels, values, radius, border === "zero" ? 1 : 0];
  }

  #sliceAt(slice: number): number {
    const { slices, channels } = this.#shape;
    requireSlice(slice, slices);
    return this.#features + 4 * slice * this.#places * channels;
  }

  #floats(address: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, count);
  }
}

class PlainStack implements AffinityStack {
  readonly gradient: Float32Array;
  readonly #shape: StackShape;
  readonly #features: Float32Array;
  readonly #size: number;

  constructor(shape: StackShape, features: Float32Array) {
    requireShape(shape, features);
    this.#shape = shape;
    this.#features = features.slice();
    this.#size = shape.height * shape.width * shape.channels;
    this.gradient = new Float32Array(features.length);
  }

  reconstruct(target: number, source: number, values: Float32Array): Float32Array {
    const shape = this.#with(values);
    return Float32Array.from(
      affinityReference(shape, this.#slice(target), this.#slice(source), values),
    );
  }

  backward(target: number, source: number, values: Float32Array, dy: Float32Array): void {
    const [own, other] = [this.#slice(target), this.#slice(source)];
    const slopes = affinityGradientReference(this.#with(values), own, other, values, dy);
    this.#add(target, slopes.target);
    this.#add(source, slopes.source);
  }

  #with(values: Float32Array): AffinityShape {
    const { height, width } = this.#shape;
    return { ...this.#shape, values: values.length / (height * width) };
  }

  #slice(slice: number): Float32Array {
    requireSlice(slice, this.#shape.slices);
    return this.#features.subarray(slice * this.#size, (slice + 1) * this.#size);
  }

  #add(slice: number, values: Float64Array): void {
    const start = slice * this.#size;
    values.forEach((value, i) => {
      this.gradient[start + i] = (this.gradient[start + i] ?? 0) + value;
    });
  }
}

function requireShape(shape: StackShape, features: Float32Array): void {
  const { slices, height, width, channels, radius } = shape;
  if (channels % 4 !== 0 || radius < 0 || !Number.isInteger(radius))
    throw new PlannerError(
      "argument",
      `features must have a multiple of 4 channels and a whole radius of at least 0, got ${channels} and ${radius}`,
    );
  if (features.length === slices * height * width * channels) return;
  throw new PlannerError(
    "argument",
    `features must be [${slices}, ${height}, ${width}, ${channels}], got ${features.length} values`,
  );
}

function requireSlice(slice: number, slices: number): void {
  if (Number.isInteger(slice) && slice >= 0 && slice < slices) return;
  throw new PlannerError("argument", `slice must be one of 0..${slices - 1}, got ${slice}`);
}

function grow(memory: WasmMemory, bytes: number): void {
  try {
    memory.grow(Math.ceil(bytes / 65536));
  } catch (cause) {
    throw new PlannerError(
      "device",
      `the features of a stack need ${Math.ceil(bytes / 2 ** 20)} MiB more memory than there is; ` +
        "use the small network",
      { cause },
    );
  }
}
