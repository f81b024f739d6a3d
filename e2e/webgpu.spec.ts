import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { drop, writeTinyCohort } from "./drop.ts";
import { design, expect, openStep, setNumber, test, trialRows, untilFinished } from "./page.ts";

test("trains on WebGPU, and the loss falls", async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto("./");
  const adapter = await page.evaluate(async () => {
    const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<object | null> } };
    return (await gpu?.requestAdapter()) ? "found" : "none";
  });
  // The project asks for the software adapter that every Chromium brings: nothing to skip for.
  expect(adapter, "WebGPU adapter, in software at least").toBe("found");

  const folder = mkdtempSync(join(tmpdir(), "slicewise-webgpu-"));
  writeTinyCohort(folder, 4);
  await drop(page, folder);
  await expect(page.getByRole("table", { name: "Cases" })).toContainText("case3");
  rmSync(folder, { recursive: true });
  await design(page, { iterations: 1, batchSize: 1, without: ["10 %", "20 %", "1/4"] });
  await page.getByRole("checkbox", { name: /Patch size chosen/ }).uncheck();
  for (const side of ["Patch height, pixels", "Patch width, pixels"]) {
    const field = page.getByRole("textbox", { name: side });
    await field.fill("32");
    await field.blur();
  }
  await page.getByRole("radio", { name: "WebGPU" }).click();
  await expect(page.getByRole("radio", { name: "WebGPU" })).toBeChecked();
  await expect(page.getByRole("region", { name: "Device" })).toContainText("WebGPU is used");

  // The same seed starts from the same weights and batch: one step's loss is the first of thirty.
  await start(page);
  await expect.poll(() => finalLoss(page), { timeout: 100_000 }).toBeGreaterThan(0);
  const first = await finalLoss(page);
  await openStep(page, "Experiment");
  await setNumber(page, "Iterations", 30);
  await start(page);
  await expect.poll(() => finalLoss(page), { timeout: 100_000 }).toBeLessThan(first);
});

async function start(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await openStep(page, "Run");
  await untilFinished(page);
  await openStep(page, "Results");
}

/** Of the only trial, which WebGPU must have trained. */
async function finalLoss(page: Page): Promise<number> {
  const rows = await trialRows(page);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.["Status"]).toBe("Done");
  expect(rows[0]?.["Device"]).not.toMatch(/WebAssembly/);
  return Number(rows[0]?.["Final loss"]);
}
