/**
 * Where the WebAssembly files of `@tensorflow/tfjs-backend-wasm/dist` lie: URLs in a
 * browser, file paths in Node.
 */
export interface WasmFiles {
  /** tfjs-backend-wasm.wasm */
  readonly plain: string;
  /** tfjs-backend-wasm-simd.wasm */
  readonly simd: string;
  /** tfjs-backend-wasm-threaded-simd.wasm */
  readonly threadedSimd: string;
}
