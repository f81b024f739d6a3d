import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { buildWhenChanged } from "./buildWhenChanged.mjs";
import { findChromium } from "./findChromium.mjs";
import { serve } from "./serve.mjs";

/** Columns, rows, slices of the volume that is scrolled. */
const SHAPE = /** @type {const} */ ([512, 512, 300]);
const FRAMES = 60;

/**
 * How many frames a second the viewer shows while somebody scrolls through a volume of
 * 512 x 512 x 300 voxels with two masks over it, three planes in sight.
 *
 * @param {"canvas" | "webgl"} renderer
 * @returns {Promise<{ perSecond: number, slowest: number, slices: number }>}
 */
async function measure(renderer) {
  const { address, close } = await serve({ port: 0 });
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ["--no-sandbox", "--enable-unsafe-swiftshader"],
  });
  const folder = mkdtempSync(join(tmpdir(), "slicewise-bench-"));
  try {
    writeCase(folder);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.addInitScript(`localStorage.setItem("slicewise.renderer", '"${renderer}"')`);
    await page.goto(address);
    await page.getByRole("button", { name: "Choose a folder" }).waitFor();
    await drop(page, folder);
    await page.getByRole("button", { name: "View large" }).click({ timeout: 300_000 });
    await page.getByRole("checkbox", { name: /Target/ }).check({ timeout: 120_000 });
    await page
      .getByTestId("readout")
      .getByText("Target", { exact: true })
      .waitFor({ timeout: 120_000 });
    await page.waitForTimeout(3000);
    return await page.evaluate(scroll);
  } finally {
    rmSync(folder, { recursive: true });
    await browser.close();
    await close();
  }
}

/** In the page: a turn of the wheel for every frame. Text, since scripts know no page. */
const scroll = `new Promise((done) => {
  const pane = document.querySelector(".pane[data-size=large]");
  const stage = pane.querySelector(".paneStage");
  const first = Number(pane.dataset.slice);
  const times = [];
  const step = (time) => {
    times.push(time);
    if (times.length <= ${FRAMES}) {
      stage.dispatchEvent(new WheelEvent("wheel", { deltaY: 100, bubbles: true }));
      requestAnimationFrame(step);
      return;
    }
    const gaps = times.slice(1).map((one, index) => one - times[index]);
    done({
      perSecond: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0),
      slowest: Math.max(...gaps),
      slices: Math.abs(Number(pane.dataset.slice) - first),
    });
  };
  requestAnimationFrame(step);
})`;

/**
 * @param {import("@playwright/test").Page} page
 * @param {string} path
 */
async function drop(page, path) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "drop"])) {
    await session.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data });
  }
}

/** @param {string} folder */
function writeCase(folder) {
  const [width, height, depth] = SHAPE;
  const count = width * height * depth;
  const image = new Int16Array(count);
  const mask = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const [x, y] = [index % width, Math.floor(index / width) % height];
    const isInside = (x - 256) ** 2 + (y - 256) ** 2 < 120 ** 2;
    image[index] = (isInside ? 300 : 0) + ((index * 37) % 101);
    if (isInside) mask[index] = 1 + (x > 256 ? 1 : 0);
  }
  for (const [part, voxels, type] of /** @type {const} */ ([
    ["imagesTr", image, 4],
    ["labelsTr", mask, 2],
  ])) {
    mkdirSync(join(folder, part));
    const header = new DataView(new ArrayBuffer(352));
    header.setInt32(0, 348, true);
    for (const [at, size] of [3, ...SHAPE, 1, 1, 1, 1].entries()) {
      header.setInt16(40 + 2 * at, size, true);
      header.setFloat32(76 + 4 * at, 1, true);
    }
    header.setInt16(70, type, true);
    header.setInt16(72, type === 4 ? 16 : 8, true);
    header.setFloat32(108, 352, true);
    header.setInt16(254, 1, true);
    for (const at of [280, 300, 320]) header.setFloat32(at, 1, true);
    header.setInt32(344, 0x00312b6e, true);
    const bytes = Buffer.from(voxels.buffer);
    writeFileSync(
      join(folder, part, "large.nii"),
      Buffer.concat([Buffer.from(header.buffer), bytes]),
    );
  }
}

await buildWhenChanged("page");
for (const renderer of /** @type {const} */ (["canvas", "webgl"])) {
  const { perSecond, slowest, slices } = await measure(renderer);
  console.log(
    `${renderer}: ${perSecond.toFixed(1)} frames a second, slowest ${slowest.toFixed(0)} ms, ` +
      `${slices} slices in ${FRAMES} frames`,
  );
}
