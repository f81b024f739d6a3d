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
import { chooseSample, expect, tableRows, test } from "./page.ts";

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
    expect(status(cut)).toMatch(
      /^Not used: gzip data ends early, after \d+ bytes; copy the file again$/,
    );
    expect(status(other)).toMatch(
      /^Not used: mask must lie on the grid of its image, got .* resample the mask/,
    );
    expect(status(text)).toBe(
      "Not used: file must be NIfTI (a header of 348 or 540 bytes), got 16 bytes of something else",
    );
  });

  const refusals = [
    {
      what: "without an image",
      fill: () => write("notes.txt", "nothing here"),
      words:
        "No NIfTI file (.nii, .nii.gz), NRRD (.nrrd) or MetaImage (.mha) among 1 files; " +
        "choose a folder with images and masks",
    },
    {
      what: "without a file",
      fill: () => undefined,
      words: "The folder holds no files; choose one with images and masks",
    },
    {
      what: "without a usable case",
      fill: () => {
        write("imagesTr/a.nii.gz", "this is no image");
        write("labelsTr/a.nii.gz", "this is no mask");
      },
      words: /^No case of my scans can be used, so the cohort before stays open: a: /,
    },
  ];
  for (const { what, fill, words } of refusals) {
    test(`a folder ${what} is refused in words, and the cohort before stays`, async ({ page }) => {
      await chooseSample(page);
      const before = await tableRows(page, "Cases");
      fill();
      await drop(page, folder);
      await expect(page.getByRole("alert").getByText(words)).toBeVisible();
      expect(await tableRows(page, "Cases")).toEqual(before);
      await expect(page.getByRole("heading", { name: "my scans" })).toHaveCount(0);
      await page.reload();
      expect(await tableRows(page, "Cases")).toEqual(before);
    });
  }
});
