import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,nn,workers,app,cli,scripts,testing}/**/*.test.{ts,tsx}"],
    environment: "node",
    globalSetup: ["scripts/buildKernels.mjs"],
    testTimeout: 60_000,
    server: { deps: { inline: [/@tensorflow/] } },
  },
});
