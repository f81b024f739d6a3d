import { defineConfig, devices } from "@playwright/test";
import type { PageOptions } from "./e2e/page.ts";
import { findChromium } from "./scripts/findChromium.mjs";

const port = Number(process.env["E2E_PORT"] ?? 5273);
const executablePath = await findChromium();
const launchOptions = {
  ...(executablePath ? { executablePath } : {}),
  // WebGL on machines without a graphics card, which browsers give only to those who ask.
  args: ["--enable-unsafe-swiftshader"],
};

/** End-to-end tests of the built page, as `npm start` serves it. */
export default defineConfig<PageOptions>({
  testDir: "e2e",
  outputDir: "test-results",
  // Training takes every core there is: one browser at a time, and no second try.
  workers: 1,
  retries: 0,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["json", { outputFile: "test-results/report.json" }]],
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://localhost:${port}/`,
    viewport: { width: 1280, height: 900 },
    trace: "retain-on-failure",
    launchOptions,
  },
  projects: [
    { name: "chromium", testIgnore: "webgpu.spec.ts" },
    {
      name: "webgpu",
      testMatch: "webgpu.spec.ts",
      use: {
        webgpu: true,
        launchOptions: {
          ...launchOptions,
          args: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
        },
      },
    },
  ],
  webServer: {
    command: "node scripts/serve.mjs",
    env: { PORT: String(port) },
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
    stdout: "ignore",
  },
});
