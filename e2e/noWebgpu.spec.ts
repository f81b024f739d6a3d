import { design, expect, openSample, openStep, test, trialRows, untilFinished } from "./page.ts";

test("a machine without WebGPU trains on the CPU path and says why", async ({ page }) => {
  await page.addInitScript(() => {
    // What a browser without WebGPU looks like, in pages; workers are asked below.
    Reflect.deleteProperty(Navigator.prototype, "gpu");
  });
  await openSample(page);
  await openStep(page, "Experiment");
  const device = page.getByRole("region", { name: "Device" });
  await expect(device).toContainText(/CPU is used: .*WebGPU/);
  await expect(device).toContainText(/WebGPU not available/);
  await expect(page.getByRole("radio", { name: "Auto" })).toBeChecked();

  await design(page, { iterations: 2, without: ["20 %", "40 %", "1 from"] });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await untilFinished(page);
  await openStep(page, "Results");
  expect(await trialRows(page)).toMatchObject([{ Status: "Done" }]);
});
