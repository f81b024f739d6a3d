import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { findChromium } from "./findChromium.mjs";
import { projectRoot } from "./runCommand.mjs";
import { serve } from "./serve.mjs";

const widths = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } };
const schemes = /** @type {const} */ (["light", "dark"]);

/**
 * Pictures of every step, made by the built page itself on the sample cohort, light and
 * dark, wide and narrow.
 *
 * @param {string} folder - where they go
 * @param {string} [builtPage] - the folder of the built page
 */
export async function takeScreenshots(folder, builtPage = `${projectRoot}dist/app`) {
  mkdirSync(folder, { recursive: true });
  const { address, close } = await serve({ folder: builtPage, port: 0 });
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage({ reducedMotion: "reduce" });
    page.on("pageerror", (error) => console.error(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") console.error(message.text());
    });
    const take = (/** @type {string} */ name) => takeAll(page, `${folder}/${name}`);
    await page.goto(address);
    await take("start");
    await page.getByRole("button", { name: "Run a quick experiment" }).click();
    await page.waitForURL(/#run$/, { timeout: 120_000 });
    await page.getByRole("heading", { name: "Trial 2 of" }).waitFor({ timeout: 600_000 });
    await page.getByText(/^[4-9]\d of \d+$/).waitFor({ timeout: 600_000 });
    await take("run");
    await page.getByRole("link", { name: /Run.*Finished/s }).waitFor({ timeout: 1_800_000 });
    await page.getByRole("button", { name: "Dismiss" }).click();
    await open(page, "Cohort");
    await take("cohort");
    await open(page, "Experiment");
    await page
      .getByText(/^about /)
      .first()
      .waitFor({ timeout: 120_000 });
    await take("experiment");
    await open(page, "Results");
    await page.locator(".recharts-scatter-symbol").first().waitFor();
    await take("results");
  } finally {
    await browser.close();
    await close();
  }
}

/**
 * @param {import("@playwright/test").Page} page
 * @param {string} step
 */
async function open(page, step) {
  const steps = page.getByRole("navigation", { name: "Steps" });
  await steps.getByRole("link", { name: new RegExp(step) }).click();
}

/**
 * @param {import("@playwright/test").Page} page
 * @param {string} path - without its ending
 */
async function takeAll(page, path) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    for (const [name, size] of Object.entries(widths)) {
      await page.setViewportSize(size);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${path}-${name}-${colorScheme}.png` });
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await takeScreenshots(process.argv[2] ?? `${projectRoot}docs/screenshots`);
}
