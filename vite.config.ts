import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { contentPolicy } from "./scripts/contentPolicy.mjs";

/** Threads in WebAssembly need a page that is cross-origin isolated. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Not while developing: the development server's refresh preamble is an inline script. */
const writePolicy: Plugin = {
  name: "write-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: contentPolicy },
      injectTo: "head-prepend",
    },
  ],
};

/**
 * Threads of tfjs-backend-wasm start from the text of a function that uses a variable
 * outside it: in a thread only a global of that name can be meant, and minifying renames it.
 */
const keepNamesOfThreads: Plugin = {
  name: "keep-names-of-threads",
  transform: {
    filter: { id: /tfjs-backend-wasm-threaded-simd\.js$/ },
    handler: (code) => ({
      code: code.replace(/\b(var )?_scriptDir\b/g, "globalThis._scriptDir"),
      map: null,
    }),
  },
};

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: "./",
  plugins: [react(), writePolicy],
  resolve: {
    alias: { xmlbuilder2: fileURLToPath(new URL("app/viewer/noXml.ts", import.meta.url)) },
  },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2023",
    // Inlined files would become data: addresses, which connect-src refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  worker: { format: "es", plugins: () => [keepNamesOfThreads] },
  server: { headers: isolation },
  preview: { headers: isolation },
});
