import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { buildWhenChanged } from "./buildWhenChanged.mjs";
import { provideChromium } from "./findChromium.mjs";
import { serve } from "./serve.mjs";

/**
 * Loads a cohort that is larger than memory into the built page and watches the memory of the
 * page's process (page and workers together).
 *
 *     node scripts/benchCohort.mjs [volumes, 500]
 */
const volumes = Number(process.argv[2] ?? 500);
/** [depth, height, width] */
const shape = [189, 256, 224];
const count = 189 * 256 * 224;

/** @param {string} folder */
function writeCohort(folder) {
  const image = Buffer.alloc(352 + 2 * count);
  const mask = Buffer.alloc(352 + count);
  header(image, 4, 16);
  header(mask, 2, 8);
  let noise = 1;
  for (let at = 0; at < count; at++) {
    noise = (noise * 1103515245 + 12345) & 0x7fffffff;
    image.writeInt16LE(((at >> 3) % 900) - 300 + ((noise >> 16) & 15), 352 + 2 * at);
    mask[352 + at] = (at >> 4) % 50 === 0 ? 1 : 0;
  }
  for (const part of ["imagesTr", "labelsTr"]) mkdirSync(join(folder, part), { recursive: true });
  for (let index = 0; index < volumes; index++) {
    // Every volume differs, or the browser would keep all of them once.
    image.writeInt16LE(index, 352);
    const name = `case${String(index).padStart(3, "0")}.nii.gz`;
    writeFileSync(join(folder, "imagesTr", name), gzipSync(image, { level: 1 }));
    writeFileSync(join(folder, "labelsTr", name), gzipSync(mask, { level: 1 }));
  }
}

/** @param {Buffer} bytes @param {number} type @param {number} bits */
function header(bytes, type, bits) {
  bytes.writeInt32LE(348, 0);
  [3, ...shape.toReversed(), 1, 1, 1, 1].forEach((side, at) => {
    bytes.writeInt16LE(side, 40 + 2 * at);
    bytes.writeFloatLE(1, 76 + 4 * at);
  });
  bytes.writeInt16LE(type, 70);
  bytes.writeInt16LE(bits, 72);
  bytes.writeFloatLE(352, 108);
  bytes.writeInt16LE(1, 254);
  for (const at of [280, 300, 320]) bytes.writeFloatLE(1, at);
  bytes.writeInt32LE(0x00312b6e, 344);
}

/** Resident bytes of a process. @param {number} id */
async function residentBytes(id) {
  const text = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0);
}

/** @param {number} bytes */
const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(2)} GB`;

const folder = mkdtempSync(join(tmpdir(), "slicewise-cohort-"));
const profile = mkdtempSync(join(tmpdir(), "slicewise-profile-"));
await buildWhenChanged("page");
const { address, close } = await serve({ port: 0 });
try {
  console.log(`writing ${volumes} volumes of ${shape.join(" x ")} with masks`);
  writeCohort(join(folder, "cohort"));
  const executablePath = await provideChromium();
  // A profile on disk: a private one is lent less storage than the cohort needs.
  const context = await chromium.launchPersistentContext(profile, { executablePath });
  const browser = await context.browser()?.newBrowserCDPSession();
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(address);
  const renderers = async () => {
    const { processInfo } = (await browser?.send("SystemInfo.getProcessInfo")) ?? {
      processInfo: [],
    };
    const ids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    return Math.max(...(await Promise.all(ids.map(residentBytes))));
  };
  const before = await renderers();
  let peak = before;
  const watch = setInterval(async () => {
    peak = Math.max(peak, await renderers());
  }, 250);
  const open = async () => {
    const started = performance.now();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose a folder" }).click();
    await (await chooser).setFiles(join(folder, "cohort"));
    await page
      .getByLabel("Reading the cohort")
      .waitFor({ timeout: 600_000 })
      .catch(() => null);
    await page.getByLabel("Reading the cohort").waitFor({ state: "detached", timeout: 0 });
    return (performance.now() - started) / 1000;
  };
  const first = await open();
  const heading = await page.getByText(/of \d+ cases can be used/).textContent();
  const stored = await page.getByText(/^Volumes take/).textContent();
  console.log(`${heading} ${stored}`);
  console.log(`first reading: ${first.toFixed(0)} s, ${(first / volumes).toFixed(2)} s per volume`);
  console.log(`memory of the page: ${gigabytes(before)} before, ${gigabytes(peak)} at most`);
  const again = await open();
  console.log(`opened again, files unchanged: ${again.toFixed(1)} s`);
  console.log(`memory of the page at most ${gigabytes(peak)}`);
  clearInterval(watch);
  await context.close();
} finally {
  await close();
  for (const path of [folder, profile]) rmSync(path, { recursive: true, force: true });
}
