import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { WasmFiles } from "#nn/devices/startEngine.ts";

/** Where the WebAssembly of the CPU path lies on this disk. */
export function wasmFiles(): WasmFiles {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));
  const file = (name: string) => join(folder, "dist", `tfjs-backend-wasm${name}.wasm`);
  return { plain: file("") };
}
