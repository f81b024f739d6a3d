import { defineConfig } from "vitest/config";

/** Minutes of real training by the built runner; `npm test` runs it after the build. */
export default defineConfig({
  test: {
    include: ["cli/acceptance/**/*.acceptance.ts"],
    environment: "node",
    testTimeout: 60_000,
  },
});
