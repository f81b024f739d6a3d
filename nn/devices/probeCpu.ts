import type { DeviceOption } from "#core/experiment/device.ts";

interface Runtime {
  readonly WebAssembly?: { validate(bytes: Uint8Array): boolean };
}
const runtime = globalThis as Runtime;

// A module with one function that splats an i32 and pops a count: validates only with SIMD.
const simdModule = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26,
  11,
];

/** What the CPU path is on this machine: WebAssembly, SIMD where the processor has it. */
export function probeCpu(): DeviceOption {
  const available = runtime.WebAssembly !== undefined;
  return {
    backend: "cpu",
    available,
    description: available
      ? `WebAssembly${hasSimd() ? " with SIMD" : " without SIMD, slow"}`
      : "this browser or runtime has no WebAssembly",
    isSoftware: false,
  };
}

/** Whether WebAssembly here knows SIMD instructions. */
export function hasSimd(): boolean {
  return runtime.WebAssembly?.validate(new Uint8Array(simdModule)) ?? false;
}
