import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drop, writeTinyCohort } from "./drop.ts";
import { design, expect, openStep, test, trialRows, untilFinished } from "./page.ts";

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
  await design(page, { iterations: 10, batchSize: 1, without: ["10 %", "20 %", "1/4"] });
  await page.getByRole("checkbox", { name: /Patch size chosen/ }).uncheck();
  for (const side of ["Patch height, pixels", "Patch width, pixels"]) {
    const field = page.getByRole("textbox", { name: side });
    await field.fill("32");
    await field.blur();
  }
  await page.getByRole("radio", { name: "WebGPU" }).click();
  await expect(page.getByRole("radio", { name: "WebGPU" })).toBeChecked();
  await expect(page.getByRole("region", { name: "Device" })).toContainText("WebGPU is used");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await openStep(page, "Run");

  const losses = new Map<number, number>();
  const picture = page.getByRole("img", { name: /^Loss \d/ });
  await expect(picture).toBeVisible({ timeout: 60_000 });
  const running = page.getByRole("button", { name: "Cancel" });
  while (await running.isVisible()) {
    const label = await picture.getAttribute("aria-label", { timeout: 1000 }).catch(() => null);
    const [, loss, step] = label?.match(/^Loss ([\d.]+) at step (\d+)/) ?? [];
    if (loss && step) losses.set(Number(step), Number(loss));
    await page.waitForTimeout(50);
  }
  await untilFinished(page);
  await openStep(page, "Results");
  const [row] = await trialRows(page);
  expect(row?.["Status"]).toBe("Done");
  expect(row?.["Device"]).not.toMatch(/WebAssembly/);
  const first = losses.get(Math.min(...losses.keys())) ?? Number.NaN;
  expect(Number(row?.["Final loss"])).toBeLessThan(first);
});
