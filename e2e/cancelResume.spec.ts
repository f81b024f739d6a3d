import type { Page } from "@playwright/test";
import { design, expect, openSample, openStep, test, trialRows, untilFinished } from "./page.ts";

/** Number of the training step under way, as the page shows it; "" when none trains. */
async function stepNow(page: Page): Promise<string> {
  const shown = await page.getByRole("main").textContent();
  // Preparing and scoring have steps of their own.
  const step = shown?.match(/Phase(?:Training|Paused)(?! the).*?Step([\d,]+) of/)?.[1];
  return step?.replaceAll(",", "") ?? "";
}

test("pause, resume, cancel; a reload offers to go on where it was and repeats nothing", async ({
  page,
}) => {
  await openSample(page);
  await design(page, { iterations: 200, without: ["40 %", "1 from"] });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await openStep(page, "Run");

  await expect.poll(() => stepNow(page), { timeout: 60_000 }).toMatch(/^\d/);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  // The step under way when Pause was clicked may still end.
  await page.waitForTimeout(1000);
  const paused = await stepNow(page);
  expect(paused).toMatch(/^\d/);
  await page.waitForTimeout(2000);
  expect(await stepNow(page)).toBe(paused);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect
    .poll(async () => Number(await stepNow(page)), { timeout: 60_000, intervals: [50] })
    .toBeGreaterThan(Number(paused));

  await expect(page.getByRole("heading", { name: "Trial 2 of 2" })).toBeVisible({
    timeout: 60_000,
  });
  await expect
    .poll(async () => Number(await stepNow(page)), { timeout: 60_000, intervals: [50] })
    .toBeGreaterThan(100);
  const cancelled = Number(await stepNow(page));
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Cancel" })).toBeHidden();
  await openStep(page, "Results");
  const before = await trialRows(page);
  expect(before).toHaveLength(1);

  await page.reload();
  await openStep(page, "Run");
  await page.getByRole("button", { name: "Go on" }).click();
  // In the middle of its second trial, where it was stopped.
  await expect.poll(() => stepNow(page), { timeout: 60_000, intervals: [50] }).toMatch(/^\d/);
  expect(Number(await stepNow(page))).toBeGreaterThanOrEqual(cancelled);
  await untilFinished(page);
  await openStep(page, "Results");
  const after = await trialRows(page);
  expect(after).toHaveLength(2);
  expect(after).toContainEqual(before[0]);
});
