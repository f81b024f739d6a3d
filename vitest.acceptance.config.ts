import { defineConfig } from "vitest/config";

/** The built runner at work, for minutes; `npm test` runs it after the build. */
export default defineConfig({
  test: {
    include: ["cli/**/*.acceptance.ts"],
    fileParallelism: false,
    environment: "node",
    testTimeout: 60_000,
  },
});
