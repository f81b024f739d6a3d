import { defineConfig } from "vite";

/**
 * The headless runner as one folder for Node. TensorFlow.js is bundled: plain Node cannot
 * load tfjs-core unbundled, and its CJS and ESM copies would be two engines. The package
 * `webgpu` finds its binary beside itself and stays outside.
 */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: "dist/cli",
    emptyOutDir: true,
    target: "node20",
    minify: false,
    rolldownOptions: {
      input: {
        main: "cli/main.ts",
        kernelThread: "cli/kernelThread.ts",
        trialServer: "cli/pool/trialServer.ts",
      },
      output: {
        entryFileNames: "[name].js",
        // Beside the entries: a chunk starts threads from the file beside it.
        chunkFileNames: "[name]-[hash].js",
        // The loader of the WebAssembly kernels is written for CommonJS.
        banner: "const __dirname = import.meta.dirname, __filename = import.meta.filename;",
      },
    },
  },
  ssr: {
    noExternal: true,
    // The codecs' scripts ask Node for their own folder, which a bundle has not; BullMQ reads
    // its Redis scripts from beside itself.
    external: [
      "webgpu",
      "bullmq",
      "ioredis",
      "@cornerstonejs/codec-charls",
      "@cornerstonejs/codec-libjpeg-turbo-8bit",
      "@cornerstonejs/codec-openjpeg",
      "@cornerstonejs/codec-openjph",
    ],
  },
});
