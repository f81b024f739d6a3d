import type { Page } from "@playwright/test";
import { design, expect, openSample, openStep, test, trialRows, untilFinished } from "./page.ts";

/** Number of the step under way, as the page shows it. */
async function stepNow(page: Page): Promise<string> {
  return (await page.getByRole("main").textContent())?.match(/Step([\d,]+) of/)?.[1] ?? "";
}

test("pause, resume, cancel; a reload offers to go on and repeats nothing", async ({ page }) => {
  await openSample(page);
  await design(page, { iterations: 40, without: ["40 %", "1 from"] });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await openStep(page, "Run");

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  await page.waitForTimeout(1000);
  const paused = await stepNow(page);
  await page.waitForTimeout(1500);
  expect(await stepNow(page)).toBe(paused);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();

  await expect(page.getByRole("heading", { name: "Trial 2 of 2" })).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Cancel" })).toBeHidden();
  await openStep(page, "Results");
  const before = await trialRows(page);
  expect(before).toHaveLength(1);

  await page.reload();
  await openStep(page, "Run");
  await page.getByRole("button", { name: "Go on" }).click();
  await untilFinished(page);
  await openStep(page, "Results");
  const after = await trialRows(page);
  expect(after).toHaveLength(2);
  expect(after).toContainEqual(before[0]);
});
