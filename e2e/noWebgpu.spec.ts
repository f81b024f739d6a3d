import { design, expect, openSample, openStep, test, trialRows, untilFinished } from "./page.ts";
import { placesWithWebgpu } from "./withoutWebgpu.ts";

test("a browser without WebGPU trains on the CPU path and says why", async ({ page }) => {
  await openSample(page);
  await openStep(page, "Experiment");
  const device = page.getByRole("region", { name: "Device" });
  await expect(device).toContainText(
    "CPU is used: WebGPU is not available: this browser or runtime has no WebGPU",
  );
  await expect(device).toContainText("WebGPU not available: this browser or runtime has no WebGPU");
  const { asked, found } = await placesWithWebgpu(page);
  expect(found).toEqual([]);
  expect(asked, "the page and its workers").toBeGreaterThan(1);
  await expect(page.getByRole("radio", { name: "Auto" })).toBeChecked();

  await design(page, { iterations: 2, without: ["20 %", "40 %", "1 from"] });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await untilFinished(page);
  await openStep(page, "Results");
  const rows = await trialRows(page);
  expect(rows).toMatchObject([{ Status: "Done" }]);
  expect(rows[0]?.["Device"]).toMatch(/WebAssembly/);
});

test("WebGPU that was asked for and is not there is refused in words", async ({ page }) => {
  await openSample(page);
  await openStep(page, "Experiment");
  await page.getByRole("radio", { name: "WebGPU" }).click();
  await expect(
    page.getByText(/^WebGPU is not available here: .*choose another device/i).first(),
  ).toBeVisible();
  await expect(page.getByRole("region", { name: "Device" })).not.toContainText("WebGPU is used");
});
