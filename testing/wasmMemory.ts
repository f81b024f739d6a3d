import { bind } from "../nn/cpu/executor.ts";
import { type TensorView, viewOf } from "../nn/kernels/wasm/tensorView.ts";
import { compileKernels, instantiateKernels } from "../nn/kernels/wasm/wasmKernels.ts";
import type { Call } from "../nn/kernels/wasm/work.ts";
import { unshared, Workspace } from "../nn/kernels/wasm/workspace.ts";

const bytes = 6 << 20;

/**
 * A memory for calls of WebAssembly kernels, NaN wherever nobody wrote. Tensors come first; `run`
 * makes the calls and runs them.
 */
export async function wasmMemory() {
  const { kernels, memory } = instantiateKernels(await compileKernels());
  memory.grow(bytes / 65536);
  const first = Math.ceil(kernels.firstFree() / 64) * 64;
  let top = first;
  const allocate = (count: number): number => {
    const address = top;
    top = Math.ceil((top + 4 * count) / 64) * 64 + 64;
    return address;
  };
  return {
    kernels,
    clear(): void {
      new Float32Array(memory.buffer).fill(Number.NaN, first / 4);
      top = first;
    },
    vector(values: ArrayLike<number>): number {
      const address = allocate(values.length);
      new Float32Array(memory.buffer, address, values.length).set(values);
      return address;
    },
    bytes(values: Uint8Array): number {
      const address = allocate(Math.ceil(values.length / 4));
      new Uint8Array(memory.buffer, address, values.length).set(values);
      return address;
    },
    /** A tensor inside one of `pitch` channels, filled with values or NaN. */
    tensor(shape: readonly number[], values?: ArrayLike<number>, pitch?: number): TensorView {
      const channels = shape.at(-1) ?? 1;
      const places = shape.reduce((a, b) => a * b, 1) / channels;
      const view = viewOf(shape, allocate(places * (pitch ?? channels)), pitch);
      const target = new Float32Array(memory.buffer);
      for (let i = 0; values && i < values.length; i++)
        target[view.address / 4 + (Math.floor(i / channels) * view.step) / 4 + (i % channels)] =
          values[i] ?? Number.NaN;
      return view;
    },
    /** `sharing`: tasks of a stage then run in reverse, as threads may finish them. */
    run(make: (workspace: Workspace) => Call, sharing = unshared): void {
      const workspace = new Workspace(top, sharing);
      const call = make(workspace);
      workspace.writeTables(memory.buffer);
      for (const stage of call())
        for (const task of sharing === unshared ? stage : stage.toReversed()) bind(kernels, task)();
    },
    read(address: number, count: number): Float32Array {
      return new Float32Array(memory.buffer.slice(address, address + 4 * count));
    },
    readTensor({ address, step, batch, size, channels }: TensorView): Float32Array {
      const all = new Float32Array(memory.buffer);
      const count = batch * size[0] * size[1] * size[2] * channels;
      return Float32Array.from(
        { length: count },
        (_, i) => all[address / 4 + (Math.floor(i / channels) * step) / 4 + (i % channels)] ?? 0,
      );
    },
    /** Values between the channels of a tensor in a wider one: nobody may write them. */
    isUntouched({ address, step, batch, size, channels }: TensorView): boolean {
      const all = new Float32Array(memory.buffer, address);
      const places = batch * size[0] * size[1] * size[2];
      for (let place = 0; place < places; place++)
        for (let c = channels; c < step / 4; c++)
          if (!Number.isNaN(all[(place * step) / 4 + c])) return false;
      return true;
    },
  };
}
