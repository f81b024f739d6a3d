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

/**
 * vtk.js, under the viewer, reads and writes XML files with xmlbuilder2, which needs Node. The
 * page has none to read.
 */
const leaveOutXml: Plugin = {
  name: "leave-out-xml",
  enforce: "pre",
  resolveId: (source) => (source === "xmlbuilder2" ? "\0noXml" : null),
  load: (id) =>
    id === "\0noXml"
      ? "export function create() { throw new Error('this page reads no XML files'); }"
      : null,
};

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: "./",
  plugins: [react(), writePolicy, leaveOutXml],
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
