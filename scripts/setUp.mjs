import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildKernels } from "./buildKernels.mjs";
import { projectRoot, runCommand } from "./runCommand.mjs";

/**
 * Installs what package-lock.json names and makes the files that are made from sources;
 * nothing when all of it is there already. Only stderr is written to.
 *
 * @throws {Error} when the Node is too old or the installation fails twice
 */
export async function setUp() {
  requireNode();
  if (!isInstalled()) await install();
  await buildKernels();
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(
    `Node.js must be 20.19 or newer, got ${process.versions.node}; see https://nodejs.org`,
  );
}

async function install() {
  console.error("Installing packages (npm ci) ...");
  if ((await runNpm("ci")) === 0 && isInstalled()) return;
  // `npm ci` refuses where a registry lacks a binary of some other system; `install` does not.
  console.error("npm ci failed; trying npm install ...");
  if ((await runNpm("install", "--no-save")) === 0 && isInstalled()) return;
  throw new Error("packages could not be installed; see npm's messages above");
}

/**
 * npm starts scripts with its own path in npm_execpath; outside npm it is found by name.
 *
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
async function runNpm(...args) {
  const all = [...args, "--include=dev", "--no-audit", "--no-fund"];
  const npm = process.env["npm_execpath"];
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm);
  const { code } = isNpm
    ? await runCommand(process.execPath, [npm, ...all], { stdout: "stderr" })
    : await runCommand(process.platform === "win32" ? "npm.cmd" : "npm", all, { stdout: "stderr" });
  return code;
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[],
 *   cpu?: string[], libc?: string[] }} LockedPackage
 */

/**
 * Whether node_modules holds what the lock file asks for. npm writes its own list,
 * node_modules/.package-lock.json, as the last act of an installation.
 */
export function isInstalled() {
  const wanted = lockedPackages("package-lock.json");
  const found = lockedPackages("node_modules/.package-lock.json");
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, one]) => {
    if (path === "" || !isForHere(one)) return true;
    const other = found[path];
    return (
      other?.version === one.version &&
      other?.integrity === one.integrity &&
      existsSync(`${projectRoot}${path}/package.json`)
    );
  });
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | null}
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(projectRoot + file, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * Optional packages are mostly binaries for one system; only ours must be there.
 *
 * @param {LockedPackage} one
 */
function isForHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  if (!os || !cpu) return false;
  const isMusl =
    process.platform === "linux" &&
    !(/** @type {any} */ (process.report?.getReport())?.header.glibcVersionRuntime);
  return (
    os.includes(process.platform) &&
    cpu.includes(process.arch) &&
    (!libc || libc.includes(isMusl ? "musl" : "glibc"))
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp();
