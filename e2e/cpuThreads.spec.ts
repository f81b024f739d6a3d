import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { chooseSample, design, expect, openStep, test, untilFinished } from "./page.ts";

/** Trains a few steps on the CPU path. */
async function results(page: Page) {
  await page.goto("./");
  await chooseSample(page);
  await design(page, { iterations: 6, without: ["20 %"] });
  await page.getByRole("radio", { name: "CPU" }).click();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await untilFinished(page, 110_000);
  await openStep(page, "Results");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export JSON" }).click(),
  ]);
  const { results } = JSON.parse(readFileSync(await file.path(), "utf8")) as {
    results: { iou: unknown; finalLoss: number; device: string }[];
  };
  expect(results).toHaveLength(4);
  return {
    numbers: results.map(({ iou, finalLoss }) => ({ iou, finalLoss })),
    devices: [...new Set(results.map(({ device }) => device))],
  };
}

/** Processors the browser names: a machine with fewer trains on as many threads, only slower. */
const processors = 3;

/** Lets the page's workers believe that the machine has this many processors. */
async function pretendProcessors(page: Page): Promise<void> {
  await page.route(/trial\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const claim = `Reflect.deleteProperty(WorkerNavigator.prototype, "gpu");
      Object.defineProperty(navigator, "hardwareConcurrency", { value: ${processors} });`;
    await route.fulfill({ response, body: claim + (await response.text()) });
  });
}

test("threads train to the same numbers as one thread", async ({ browser, page }) => {
  test.setTimeout(240_000);
  await pretendProcessors(page);
  const threaded = await results(page);
  // One processor stays free for the page.
  expect(threaded.devices).toEqual([`CPU, WebAssembly SIMD, ${processors - 1} threads`]);

  // A page that is not cross-origin isolated has no memory that threads could share.
  const context = await browser.newContext();
  const open = await context.newPage();
  await open.route("**/*", async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    delete headers["cross-origin-opener-policy"];
    delete headers["cross-origin-embedder-policy"];
    await route.fulfill({ response, headers });
  });
  const single = await results(open);
  expect(single.devices).toEqual(["CPU, WebAssembly SIMD, 1 thread"]);
  expect(single.numbers).toEqual(threaded.numbers);
  await context.close();
});
