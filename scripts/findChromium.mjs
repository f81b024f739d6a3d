import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installDebianPackages, rootPrefix } from "./debianPackages.mjs";
import { runPackage } from "./runCommand.mjs";

const usualPlaces = {
  linux: ["chromium", "google-chrome-stable", "google-chrome", "chromium-browser"].map(
    (name) => `/usr/bin/${name}`,
  ),
  darwin: [
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
  ].map((name) => `/Applications/${name}`),
  win32: ["C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"],
};

/**
 * A Chromium or Chrome that starts: the one CHROMIUM names, the system's, or Playwright's.
 *
 * @returns {Promise<string | null>} its path
 */
export async function findChromium() {
  const named = process.env["CHROMIUM"];
  if (named) {
    if (starts(named)) return named;
    throw new Error(`CHROMIUM must be the path of a browser that starts, got ${named}`);
  }
  const places = usualPlaces[/** @type {keyof typeof usualPlaces} */ (process.platform)] ?? [];
  return [...places, await playwrightsOwn()].find(starts) ?? null;
}

/**
 * `findChromium`, installing one where there is none: Debian's package where we may,
 * Playwright's elsewhere.
 *
 * @returns {Promise<string>} its path
 * @throws {Error} that says what to do by hand
 */
export async function provideChromium() {
  const found = await findChromium();
  if (found) return found;
  console.error("Installing Chromium ...");
  if (await installDebianPackages("chromium")) {
    const installed = await findChromium();
    if (installed) return installed;
  }
  const asRoot = rootPrefix();
  console.error("Installing Playwright's Chromium ...");
  const args = ["install", ...(asRoot && process.platform === "linux" ? ["--with-deps"] : [])];
  await runPackage("playwright/cli.js", [...args, "chromium"], { stdout: "stderr" });
  const downloaded = await findChromium();
  if (downloaded) return downloaded;
  throw new Error(
    "no browser for the end-to-end tests was found and none could be installed; " +
      "install Chromium or Chrome, or set CHROMIUM to the path of one",
  );
}

/** @param {string | null | undefined} path */
function starts(path) {
  if (!path || !existsSync(path)) return false;
  // Chrome on Windows prints nothing and opens a window instead.
  if (process.platform === "win32") return true;
  return spawnSync(path, ["--version"], { timeout: 30_000 }).status === 0;
}

async function playwrightsOwn() {
  try {
    const { chromium } = await import("@playwright/test");
    return chromium.executablePath();
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await provideChromium());
