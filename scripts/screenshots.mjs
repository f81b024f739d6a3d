import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { buildWhenChanged } from "./buildWhenChanged.mjs";
import { findChromium } from "./findChromium.mjs";
import { projectRoot } from "./runCommand.mjs";
import { serve } from "./serve.mjs";

const widths = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } };
const schemes = /** @type {const} */ (["light", "dark"]);

/** Pictures of the documentation: few and small. */
const documented = ["cohort", "results"];

/**
 * Pictures made by the built page itself, on the sample cohort and its quick experiment.
 *
 * @param {string | null} folder - gets every step, light and dark, wide and narrow; null takes
 *   the pictures of the documentation alone
 * @param {string} [builtPage] - the folder of the built page
 */
export async function takeScreenshots(folder, builtPage = `${projectRoot}dist/app`) {
  const { address, close } = await serve({ folder: builtPage, port: 0 });
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage({ reducedMotion: "reduce", viewport: widths.wide });
    page.on("pageerror", (error) => console.error(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") console.error(message.text());
    });
    await visit(page, address, (name) =>
      folder === null ? takeDocumented(page, name) : takeAll(page, `${folder}/${name}`),
    );
  } finally {
    await browser.close();
    await close();
  }
}

/**
 * Goes through the workflow once.
 *
 * @param {import("@playwright/test").Page} page
 * @param {string} address
 * @param {(name: string) => Promise<void>} take - called where there is something to see
 */
async function visit(page, address, take) {
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
  await page.getByTestId("curve-point").first().waitFor();
  const plan = page.getByRole("region", { name: "A plan for your budget" });
  await plan.waitFor({ timeout: 120_000 });
  await take("results");
  await plan.scrollIntoViewIfNeeded();
  await take("plan");
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
  mkdirSync(dirname(path), { recursive: true });
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    for (const [name, size] of Object.entries(widths)) {
      await page.setViewportSize(size);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${path}-${name}-${colorScheme}.png` });
    }
  }
}

/**
 * @param {import("@playwright/test").Page} page
 * @param {string} name
 */
async function takeDocumented(page, name) {
  if (!documented.includes(name)) return;
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${projectRoot}docs/screenshots/${name}.png` });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildWhenChanged("page");
  await takeScreenshots(process.argv[2] ? resolve(process.argv[2]) : null);
}
