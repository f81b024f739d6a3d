import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drop } from "./drop.ts";
import { expect, tableRows, test } from "./page.ts";

const sample = fileURLToPath(new URL("../public/cohorts/hippocampus/", import.meta.url));
const names = () =>
  readdirSync(join(sample, "imagesTr"))
    .filter((name) => name.endsWith(".nii.gz"))
    .sort();

test.describe("drop of a folder", () => {
  let folder: string;
  const write = (path: string, bytes: string | Uint8Array) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };

  test.beforeEach(async ({ page }) => {
    folder = join(mkdtempSync(join(tmpdir(), "slicewise-drop-")), "my scans");
    mkdirSync(folder);
    await page.goto("./");
    await page.getByRole("button", { name: "Choose a folder" }).waitFor();
  });
  test.afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

  test("loads what is whole and says what is wrong with the rest", async ({ page }) => {
    const [one, two, cut, other, text] = names() as [string, string, string, string, string];
    for (const part of ["imagesTr", "labelsTr"]) {
      mkdirSync(join(folder, part));
      for (const name of [one, two, cut, other, text]) {
        copyFileSync(join(sample, part, name), join(folder, part, name));
      }
    }
    const whole = readFileSync(join(folder, "imagesTr", cut));
    write(`imagesTr/${cut}`, whole.subarray(0, Math.floor(whole.length / 2)));
    write(`labelsTr/${other}`, readFileSync(join(sample, "labelsTr", one)));
    write(`imagesTr/${text}`, "this is no image");

    await drop(page, folder);
    await expect(page.getByRole("heading", { name: "my scans" })).toBeVisible();
    const rows = await tableRows(page, "Cases");
    const status = (name: string) =>
      rows.find((row) => row["Case"] === name.replace(".nii.gz", ""))?.["Status"];
    expect(status(one)).toBe("Ready");
    expect(status(two)).toBe("Ready");
    expect(status(cut)).toMatch(/Not used: gzip data ends early/);
    expect(status(other)).toMatch(/Not used: .*(shape|grid)/i);
    expect(status(text)).toMatch(/Not used: .*(gzip|NIfTI)/i);
  });

  test("says that a folder holds no image", async ({ page }) => {
    write("notes.txt", "nothing here");
    await drop(page, folder);
    await expect(page.getByText(/no (NIfTI|image)/i).first()).toBeVisible();
    await expect(page.getByRole("table", { name: "Cases" })).toHaveCount(0);
  });

  test("says that a folder is empty", async ({ page }) => {
    await drop(page, folder);
    await expect(page.getByText(/empty|no (NIfTI|file|image)/i).first()).toBeVisible();
  });
});
