import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { drop, writeTinyCohort } from "./drop.ts";
import { expect, openSample, test } from "./page.ts";
import { removeWebgpu } from "./withoutWebgpu.ts";

/** Cohorts whose voxels the browser keeps. */
function storedCohorts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const voxels = await root.getDirectoryHandle("voxels", { create: true });
    const names: string[] = [];
    for await (const name of voxels.keys()) if (name.endsWith(".cohort.json")) names.push(name);
    return names;
  });
}

async function dropCohort(page: Page, parent: string, name: string, cases: number) {
  const folder = join(parent, name);
  writeTinyCohort(folder, cases);
  await drop(page, folder);
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByRole("button", { name: "Stop reading" })).toHaveCount(0);
}

test("a second page frees no volumes that the first one uses", async ({ page, context }) => {
  const parent = mkdtempSync(join(tmpdir(), "slicewise-pages-"));
  try {
    await openSample(page);
    const [used] = await storedCohorts(page);
    const other = await context.newPage();
    await removeWebgpu(other);
    await other.goto("./");
    await other.bringToFront();
    await other.getByRole("table", { name: "Cases" }).waitFor();
    await dropCohort(other, parent, "two scans", 2);
    await dropCohort(other, parent, "three scans", 3);
    expect(await storedCohorts(other)).toContain(used);
    await page.close();
    await dropCohort(other, parent, "four scans", 4);
    await expect.poll(() => storedCohorts(other)).toHaveLength(1);
  } finally {
    rmSync(parent, { recursive: true });
  }
});
