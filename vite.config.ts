import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Threads in WebAssembly need a page that is cross-origin isolated. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The development server's refresh preamble is an inline script, which the policy forbids. */
const relaxPolicyWhileDeveloping: Plugin = {
  name: "relax-policy-while-developing",
  apply: "serve",
  transformIndexHtml: {
    order: "pre",
    handler: (html, { server }) =>
      server ? html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, "") : html,
  },
};

export default defineConfig({
  // Relative addresses: the built page works in any folder of a static host.
  base: "./",
  plugins: [react(), relaxPolicyWhileDeveloping],
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2023",
    // Inlined files would become data: addresses, which connect-src refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  worker: { format: "es" },
  server: { headers: isolation },
  preview: { headers: isolation },
});
