import { createRequire } from "node:module";

const locate = createRequire(import.meta.url).resolve;
const dist = "@tensorflow/tfjs-backend-wasm/dist";

/** The WebAssembly files of the CPU path as Node finds them. */
export const wasmFiles = {
  plain: locate(`${dist}/tfjs-backend-wasm.wasm`),
  simd: locate(`${dist}/tfjs-backend-wasm-simd.wasm`),
  threadedSimd: locate(`${dist}/tfjs-backend-wasm-threaded-simd.wasm`),
};
