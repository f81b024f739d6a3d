import { defineConfig } from "vitest/config";

export default defineConfig({
  // tfjs-core names its CommonJS copy as main; backends import the other, and two are one too many.
  environments: { ssr: { resolve: { mainFields: ["module", "main"] } } },
  test: {
    include: ["{core,codecs,nn,workers,app,cli,scripts,testing}/**/*.test.{ts,tsx}"],
    environment: "node",
    globalSetup: ["scripts/buildKernels.mjs"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [/@tensorflow/] } },
  },
});
