import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { drop } from "./drop.ts";
import { readNifti, type Stored } from "./nifti.ts";
import { expect, openSample, test } from "./page.ts";

const sample = fileURLToPath(new URL("../public/cohorts/hippocampus/", import.meta.url));
const shared = fileURLToPath(new URL("../../shared/data/", import.meta.url));
const read = (path: string): Stored => {
  const bytes = readFileSync(path);
  return readNifti(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
};

async function openCase(page: Page, id: string): Promise<Locator> {
  await page
    .getByRole("button", { name: `View ${id}`, exact: true })
    .first()
    .click();
  const viewer = page.getByRole("region", { name: `Viewer of ${id}`, exact: true });
  await expect(viewer).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId("readout")).toContainText("Reference");
  return viewer;
}

/** What the readout says under the crosshair. */
async function readout(page: Page): Promise<Record<string, string>> {
  return page
    .getByTestId("readout")
    .evaluate((element) =>
      Object.fromEntries(
        [...element.querySelectorAll("dl > div")].map((row) => [
          row.querySelector("dt")?.textContent ?? "",
          row.querySelector("dd")?.textContent ?? "",
        ]),
      ),
    );
}

const pane = (page: Page, plane: string) => page.locator(`.pane[data-plane=${plane}]`);
const slider = (page: Page, plane: string) =>
  page.getByRole("slider", { name: `${plane} slice`, exact: true });

/** Moves every plane to a share of its slices. */
async function moveTo(page: Page, share: number): Promise<void> {
  for (const plane of ["axial", "coronal", "sagittal"]) {
    const max = Number(await slider(page, plane).getAttribute("max"));
    await slider(page, plane).fill(`${Math.round(max * share)}`);
  }
}

/** Red, green and blue of a pane at fractions of its canvas. */
async function pixels(
  page: Page,
  plane: string,
  places: readonly (readonly [number, number])[],
): Promise<number[][]> {
  return pane(page, plane)
    .locator("canvas")
    .first()
    .evaluate(
      (canvas: HTMLCanvasElement, at) => {
        const box = canvas.getBoundingClientRect();
        const ratio = [canvas.width / box.width, canvas.height / box.height] as const;
        const context = canvas.getContext("2d");
        return at.map(([x, y]) => [
          ...(context?.getImageData(x * ratio[0], y * ratio[1], 1, 1).data.slice(0, 3) ?? []),
        ]);
      },
      places as [number, number][],
    );
}

/** Middle of the pane's crosshair, pixels. */
async function crosshair(page: Page, plane: string): Promise<[number, number]> {
  const path = async (name: string) =>
    (await pane(page, plane).getByTestId(`crosshair-${name}`).getAttribute("d")) ?? "";
  const y = Number(/^M0 ([\d.-]+)H/.exec(await path("across"))?.[1]);
  const x = Number(/^M([\d.-]+) 0V/.exec(await path("down"))?.[1]);
  return [x, y];
}

const letters = async (page: Page, plane: string) =>
  Promise.all(
    ["left", "right", "top", "bottom"].map((edge) =>
      pane(page, plane).getByTestId(`letter-${edge}`).textContent(),
    ),
  );

const isColoured = ([red = 0, green = 0, blue = 0]: readonly number[]) =>
  Math.max(red, green, blue) - Math.min(red, green, blue) > 25;

/** Holds what is drawn over a slice against the file, voxel by voxel of some rows. */
async function expectMaskAsStored(page: Page, mask: Stored, depth: number): Promise<void> {
  const [width, height] = mask.shape;
  const [x, y] = await crosshair(page, "axial");
  const at = (await readout(page))["Voxel d, h, w"]?.split(", ").map(Number) as number[];
  const [, h, w] = at as [number, number, number];
  // From the crosshair, whose place is known, to the next voxel to the left and above.
  await slider(page, "sagittal").press("ArrowRight");
  const [nextX] = await crosshair(page, "axial");
  await slider(page, "coronal").press("ArrowRight");
  const [, nextY] = await crosshair(page, "axial");
  await page.keyboard.press("c");
  const [stepX, stepY] = [nextX - x, nextY - y];
  expect(stepX, "right is on the left").toBeLessThan(-1);
  expect(stepY, "anterior is above").toBeLessThan(-1);
  const voxels = [];
  for (let j = 0; j < height; j += 3) {
    for (let i = 0; i < width; i += 3) voxels.push([i, j] as const);
  }
  const places = voxels.map(([i, j]) => [x + (i - w) * stepX, y + (j - h) * stepY] as const);
  const labels = voxels.map(([i, j]) => mask.voxels[(depth * height + j) * width + i] !== 0);
  await expect
    .poll(async () => {
      const shown = (await pixels(page, "axial", places)).map(isColoured);
      return shown.filter((one, index) => one !== labels[index]).length;
    })
    .toBe(0);
  expect(labels.filter(Boolean).length, "voxels with a label").toBeGreaterThan(5);
}

for (const renderer of ["canvas", "webgl"] as const) {
  test(`a case is shown as its files say, drawn by ${renderer}`, async ({ page }) => {
    await page.addInitScript(
      (name) => localStorage.setItem("slicewise.renderer", JSON.stringify(name)),
      renderer,
    );
    await openSample(page);
    const image = read(join(sample, "imagesTr/hippocampus_003.nii.gz"));
    const mask = read(join(sample, "labelsTr/hippocampus_003.nii.gz"));
    await openCase(page, "hippocampus_003");
    const [width, height, depth] = image.shape;
    await expect(slider(page, "axial")).toHaveAttribute("max", `${depth - 1}`);
    await expect(slider(page, "coronal")).toHaveAttribute("max", `${height - 1}`);
    await expect(slider(page, "sagittal")).toHaveAttribute("max", `${width - 1}`);
    expect(await letters(page, "axial")).toEqual(["R", "L", "A", "P"]);
    expect(await letters(page, "coronal")).toEqual(["R", "L", "S", "I"]);
    expect(await letters(page, "sagittal")).toEqual(["A", "P", "S", "I"]);

    await slider(page, "axial").fill("20");
    await expect(pane(page, "axial")).toContainText(
      `21 of ${depth}, S ${image.worldOf(0, 0, 20)[2]?.toFixed(1)} mm`,
    );
    const [h, w] = [Math.floor(height / 2), Math.floor(width / 2)];
    const shown = await readout(page);
    expect(shown["Voxel d, h, w"]).toBe(`20, ${h}, ${w}`);
    expect(shown["R, A, S mm"]).toBe(
      image
        .worldOf(w, h, 20)
        .map((mm) => mm.toFixed(1))
        .join(", "),
    );
    const value = image.voxels[(20 * height + h) * width + w] as number;
    expect(Number(shown["Intensity"])).toBeCloseTo(value, 2);
    await expectMaskAsStored(page, mask, 20);
  });
}

test("keys and wheel go through slices, windows and masks", async ({ page }) => {
  await openSample(page);
  const viewer = await openCase(page, "hippocampus_003");
  await slider(page, "axial").fill("10");
  await slider(page, "axial").press("ArrowRight");
  await expect(pane(page, "axial")).toHaveAttribute("data-slice", "11");
  await slider(page, "axial").press("PageUp");
  await expect(pane(page, "axial")).toHaveAttribute("data-slice", "21");
  await pane(page, "coronal").locator(".paneStage").hover();
  const before = Number(await pane(page, "coronal").getAttribute("data-slice"));
  await page.mouse.wheel(0, 300);
  await expect(pane(page, "coronal")).toHaveAttribute("data-slice", `${before + 3}`);

  const choice = viewer.getByRole("combobox", { name: "Window" });
  await expect(choice).toHaveValue("0");
  await slider(page, "axial").press("3");
  await expect(choice).toHaveValue("3");
  await slider(page, "axial").press("0");
  await expect(choice).toHaveValue("0");
  const masks = viewer.getByRole("checkbox", { name: /Reference/ });
  await slider(page, "axial").press("o");
  await expect(masks).not.toBeChecked();
  await slider(page, "axial").press("o");
  await expect(masks).toBeChecked();
  const line = pane(page, "axial").getByTestId("crosshair-across");
  await expect(line).toHaveCount(1);
  await slider(page, "axial").press("c");
  await expect(line).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(viewer).toHaveCount(0);
  await expect(page.getByRole("button", { name: "View hippocampus_003" }).first()).toBeFocused();
});

test("the contact sheet shows every case and opens one; the viewer has no fault that axe finds", async ({
  page,
}) => {
  await openSample(page);
  await page.getByText("Show all cases").click();
  const sheet = page.getByRole("region", { name: "Contact sheet, scrolls" });
  await expect(sheet.getByTestId("thumbnail").first()).toBeVisible();
  await sheet.getByRole("button", { name: "View hippocampus_004" }).click();
  await expect(page.getByRole("region", { name: "Viewer of hippocampus_004" })).toBeVisible();
  await expect(page.getByTestId("readout")).toContainText("Reference");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
    expect(found, colorScheme).toEqual([]);
  }
});

test("names from files are shown as text and run nothing", async ({ page }) => {
  const folder = join(mkdtempSync(join(tmpdir(), "slicewise-view-")), "names");
  const hostile = "<img src=x onerror=document.title='ran'>";
  try {
    for (const part of ["imagesTr", "labelsTr"]) {
      mkdirSync(join(folder, part), { recursive: true });
      copyFileSync(
        join(sample, part, "hippocampus_003.nii.gz"),
        join(folder, part, `${"<b onclick=alert(1)>x".replace("/", "")}.nii.gz`),
      );
    }
    const labels = { background: 0, [hostile]: 1, "=cmd|'!A1": 2 };
    writeFileSync(
      join(folder, "dataset.json"),
      JSON.stringify({
        labels,
        channel_names: { 0: "MR" },
        numTraining: 1,
        file_ending: ".nii.gz",
      }),
    );
    await page.goto("./");
    await page.getByRole("button", { name: "Choose a folder" }).waitFor();
    await drop(page, folder);
    await page
      .getByRole("button", { name: /^View / })
      .first()
      .click({ timeout: 30_000 });
    await expect(page.getByTestId("readout")).toContainText("Reference");
    await expect(page.getByText(`1 ${hostile}`).last()).toBeVisible();
    await expect(page.getByText("2 =cmd|'!A1").last()).toBeVisible();
    expect(await page.locator(".viewer img, .viewer b").count()).toBe(0);
    expect(await page.title()).not.toBe("ran");
  } finally {
    rmSync(join(folder, ".."), { recursive: true });
  }
});

test.describe("scans of other grids", () => {
  test.skip(!existsSync(join(shared, "headers")), "needs the shared data");
  let folder: string;
  test.beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "slicewise-view-")), "scans");
    for (const part of ["imagesTr", "labelsTr"]) mkdirSync(join(folder, part), { recursive: true });
  });
  test.afterEach(() => rmSync(join(folder, ".."), { recursive: true }));
  const add = (id: string, image: string, mask: string) => {
    const end = image.endsWith(".gz") ? ".nii.gz" : ".nii";
    copyFileSync(join(shared, image), join(folder, "imagesTr", `${id}${end}`));
    copyFileSync(join(shared, mask), join(folder, "labelsTr", `${id}${end}`));
  };

  test("an oblique scan lies right side up, its voxels where the affine says", async ({ page }) => {
    add("oblique", "headers/niivue_FLAIR.nii.gz", "headers/niivue_lesion.nii.gz");
    await page.goto("./");
    await page.getByRole("button", { name: "Choose a folder" }).waitFor();
    await drop(page, folder);
    await openCase(page, "oblique");
    const image = read(join(shared, "headers/niivue_FLAIR.nii.gz"));
    const firsts = async (plane: string) =>
      (await letters(page, plane)).map((letter) => letter?.[0]).join("");
    expect(await firsts("axial")).toBe("RLAP");
    expect(await firsts("coronal")).toBe("RLSI");
    expect(await firsts("sagittal")).toBe("APSI");
    // Wherever the crosshair stands, the file's own affine leads from mm back to that voxel.
    for (const place of [0.3, 0.5, 0.7]) {
      await moveTo(page, place);
      const shown = await readout(page);
      const mm = shown["R, A, S mm"]?.split(", ").map(Number) as [number, number, number];
      const [i, j, k] = image.voxelOf(mm);
      for (const index of [i, j, k]) expect(Math.abs(index - Math.round(index))).toBeLessThan(0.2);
      const at = [i, j, k].map(Math.round) as [number, number, number];
      expect(Number(shown["Intensity"])).toBeCloseTo(image.valueAt(...at), 1);
    }
  });

  test("a sarcoma's mask lies where it was drawn", async ({ page }) => {
    add("sarcoma", "sts/STS_002/MR_T1_image.nii.gz", "sts/STS_002/MR_T1_mask.nii.gz");
    await page.goto("./");
    await page.getByRole("button", { name: "Choose a folder" }).waitFor();
    await drop(page, folder);
    await openCase(page, "sarcoma");
    const mask = read(join(shared, "sts/STS_002/MR_T1_mask.nii.gz"));
    let inside = 0;
    for (const place of [0.2, 0.4, 0.5, 0.6, 0.8]) {
      await moveTo(page, place);
      const shown = await readout(page);
      const mm = shown["R, A, S mm"]?.split(", ").map(Number) as [number, number, number];
      const at = mask.voxelOf(mm).map(Math.round) as [number, number, number];
      const isInside = mask.valueAt(...at) !== 0;
      expect(shown["Reference"] !== "background").toBe(isInside);
      const [x, y] = await crosshair(page, "axial");
      const [colour] = await pixels(page, "axial", [[x, y]]);
      expect(isColoured(colour ?? [])).toBe(isInside);
      if (isInside) inside++;
    }
    expect(inside).toBeGreaterThan(0);
  });
});
