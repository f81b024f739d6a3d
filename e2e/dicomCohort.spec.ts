import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { drop } from "./drop.ts";
import { expect, tableRows, test } from "./page.ts";

const shared = fileURLToPath(new URL("../../shared/data/", import.meta.url));
const has = existsSync(`${shared}sts_dicom`);

test.describe("a folder of DICOM files", () => {
  test.skip(!has, "no real scans beside the project");

  async function open(page: Page, name: string, cases: number): Promise<void> {
    await page.goto("./");
    await drop(page, `${shared}${name}`);
    const rows = page.getByRole("table", { name: "Cases" }).getByRole("row");
    await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(cases + 1);
  }

  test("is read by patient, and nobody's name or id is kept", async ({ page }) => {
    await open(page, "sts_dicom", 3);
    const rows = await tableRows(page, "Cases");
    expect(new Set(rows.map((row) => row["Patient"])).size).toBe(1);
    expect(rows.map((row) => row["Labels"])).toEqual(Array(3).fill("1 GTV_Mass"));
    expect(rows.map((row) => row["Shape d × h × w"])).toContain("48 × 143 × 161");
    expect(rows[0]?.["Mask"]).toMatch(/^P-[0-9a-f]{5}\/RTSTRUCT-[0-9a-f]+ \(.*RS\.dcm\)$/);
    // After a reload nothing is left of where files lay.
    await page.reload();
    await expect.poll(async () => (await tableRows(page, "Cases")).length).toBe(3);
    const kept = (await tableRows(page, "Cases")).map((row) => row["Mask"]).join();
    expect(kept).not.toContain("STS_002");
    const stored = await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle("voxels");
      const texts: string[] = [];
      for await (const [name, handle] of folder.entries()) {
        if (!name.endsWith(".json") || handle.kind !== "file") continue;
        texts.push(await (await (handle as FileSystemFileHandle).getFile()).text());
      }
      return texts.join();
    });
    expect(stored).toContain("RTSTRUCT");
    expect(stored).not.toContain("STS_002");
    expect(stored).not.toMatch(/\d+\.\d+\.\d+\.\d+\.\d+/);
  });

  test("lets a person correct what was recognised", async ({ page }) => {
    await open(page, "sts_dicom", 3);
    const before = await tableRows(page, "Cases");
    const id = before[0]?.["Case"] ?? "";
    await page.getByRole("button", { name: `Change case ${id}` }).click();
    await page.getByLabel("Patient").fill("Somebody");
    await page.getByLabel("Leave this case out").check();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await expect
      .poll(async () => (await tableRows(page, "Cases"))[0]?.["Status"])
      .toBe("Left out by you");
    expect((await tableRows(page, "Cases"))[0]?.["Patient"]).toBe("Somebody");
    // The mask of another series lies elsewhere: it is taken there, or refused in words.
    const other = before[1]?.["Case"] ?? "";
    await page.getByRole("button", { name: `Change case ${other}` }).click();
    await page.getByLabel("Mask", { exact: true }).selectOption({ label: "No mask" });
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await expect.poll(async () => (await tableRows(page, "Cases"))[1]?.["Mask"]).toBe("none");
    // Reloaded, corrections are still there.
    await page.reload();
    await expect.poll(async () => (await tableRows(page, "Cases"))[1]?.["Mask"]).toBe("none");
    expect((await tableRows(page, "Cases"))[0]?.["Status"]).toBe("Left out by you");
  });

  test("offers time points, and changes slices and spacing after showing them", async ({
    page,
  }) => {
    await open(page, "breast_fgt_dicom", 1);
    const row = async () => (await tableRows(page, "Cases"))[0] ?? {};
    expect((await row())["Volume used"]).toBe("1 of 3");
    await page.getByLabel("Volume (channel or time point)").selectOption("1");
    await expect.poll(async () => (await row())["Volume used"], { timeout: 60_000 }).toBe("2 of 3");
    await page.getByLabel("Plane of slices").selectOption("sagittal");
    await expect
      .poll(async () => (await row())["Shape d × h × w"], { timeout: 60_000 })
      .toBe("60 × 256 × 256");
    const spacing = page.getByRole("group", { name: "Spacing, mm" });
    await spacing.getByLabel("Height").fill("1.4");
    await spacing.getByLabel("Width").fill("1.4");
    await page.getByLabel("Intensity").selectOption("percentiles");
    await page.getByRole("button", { name: "Show a slice" }).click();
    await expect(page.getByRole("img", { name: /after preprocessing/ })).toBeVisible();
    await expect(
      page.getByText(/^In trials: 60 × 129 × 129 voxels of 2 × 1.4 × 1.4 mm/),
    ).toBeVisible();
    // Shown is not applied.
    expect((await row())["Shape d × h × w"]).toBe("60 × 256 × 256");
    await page.getByRole("button", { name: "Apply to the cohort" }).click();
    await expect
      .poll(async () => (await row())["Shape d × h × w"], { timeout: 60_000 })
      .toBe("60 × 129 × 129");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as cohort.json" }).click();
    expect((await download).suggestedFilename()).toBe("cohort.json");
  });

  test("decodes compressed pixels with decoders of its own origin", async ({ page }) => {
    await open(page, "dicom_odd/enhanced", 2);
    const rows = await tableRows(page, "Cases");
    expect(rows.map((row) => row["Shape d × h × w"]).sort()).toEqual([
      "10 × 64 × 64",
      "6 × 64 × 64",
    ]);
  });

  test("is not read again when nothing changed", async ({ page }) => {
    await open(page, "dicom_seg/dcmqi/23x38x3", 2);
    const written = () =>
      page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("voxels");
        const times: string[] = [];
        for await (const [name, handle] of folder.entries()) {
          if (!name.endsWith(".voxels")) continue;
          const file = await (handle as FileSystemFileHandle).getFile();
          times.push(`${name} ${file.lastModified}`);
        }
        return times.sort();
      });
    const first = await written();
    expect(first.length).toBeGreaterThan(0);
    await drop(page, `${shared}dicom_seg/dcmqi/23x38x3`);
    await expect(page.getByLabel("Reading the cohort")).toHaveCount(0);
    await expect.poll(async () => (await tableRows(page, "Cases")).length).toBe(2);
    expect(await written()).toEqual(first);
  });
});
