import { readFileSync } from "node:fs";
import { mainThreadText, recordMainThread } from "./mainThread.ts";
import { chooseSample, design, expect, openStep, test, trialRows, untilFinished } from "./page.ts";

test("one click opens the sample cohort and trains on it", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("button", { name: "Run a quick experiment" }).click();
  const loss = page.getByRole("img", { name: /^Loss \d/ });
  await expect(loss).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("heading", { name: "Trial 1 of 6" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("No run under way")).toBeVisible();
});

test("sample cohort, quick experiment, chart, reload, export", async ({ page }, info) => {
  test.setTimeout(240_000);
  await page.goto("./");
  await page.getByRole("button", { name: "Open the sample cohort" }).waitFor();
  await page.waitForLoadState("networkidle");
  const endOfRecording = await recordMainThread(page);
  await chooseSample(page);
  // Fewer iterations than a person would want: the journey is tested here, not the curve.
  await design(page, { iterations: 8, without: ["20 %"] });
  await page.getByRole("radio", { name: "CPU" }).click();
  await expect(page.getByRole("radio", { name: "CPU" })).toBeChecked();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await untilFinished(page, 200_000);
  const tasks = await endOfRecording();
  process.stdout.write(`main thread, loading and training: ${mainThreadText(tasks)}\n`);
  info.annotations.push({ type: "main thread", description: mainThreadText(tasks) });

  await openStep(page, "Results");
  const chart = page.getByRole("region", { name: "IoU versus budget" });
  const points = chart.getByTestId("curve-point");
  await expect(points).toHaveCount(4);
  const rows = await trialRows(page);
  expect(rows).toHaveLength(4);
  for (const row of rows) {
    expect(row["Status"]).toBe("Done");
    expect(Number(row["IoU"])).toBeGreaterThan(0);
    expect(row["Device"]).toMatch(/WebAssembly/);
  }

  await page.reload();
  await expect(points).toHaveCount(4);
  expect(await trialRows(page)).toEqual(rows);

  const exported = await download(page, "Export JSON");
  const { results } = JSON.parse(exported) as {
    results: { iou: { mean: number; perCase: unknown[] }; annotatedSlices: number }[];
  };
  expect(results).toHaveLength(rows.length);
  for (const [index, result] of results.entries()) {
    expect(result.iou.mean.toFixed(3)).toBe(Number(rows[index]?.["IoU"]).toFixed(3));
    expect(result.annotatedSlices).toBe(Number(rows[index]?.["Budget, slices"]));
    expect(result.iou.perCase.length).toBeGreaterThan(5);
  }
  const lines = (await download(page, "Export CSV")).trimEnd().split("\r\n");
  expect(lines).toHaveLength(rows.length + 1);
  expect(lines[0]).toContain("mean IoU");

  expect(tasks.length).toBeGreaterThan(100);
  const tooLong = tasks.filter(({ own }) => own > 50);
  expect(tooLong, "tasks of the main thread over 50 ms, loading and training").toEqual([]);
});

async function download(page: Parameters<typeof trialRows>[0], name: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name }).click(),
  ]);
  return readFileSync(await file.path(), "utf8");
}
