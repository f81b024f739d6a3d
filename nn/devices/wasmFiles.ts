/**
 * Where the WebAssembly files of `@tensorflow/tfjs-backend-wasm/dist` lie: URLs in a
 * browser, file paths in Node.
 */
export interface WasmFiles {
  /** tfjs-backend-wasm.wasm */
  readonly plain: string;
  /** tfjs-backend-wasm-simd.wasm; only tests get here where there is SIMD. */
  readonly simd?: string;
  /** tfjs-backend-wasm-threaded-simd.wasm, likewise. */
  readonly threadedSimd?: string;
}
