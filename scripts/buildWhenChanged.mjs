import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { buildKernels } from "./buildKernels.mjs";
import { projectRoot, runPackage } from "./runCommand.mjs";

/** @typedef {{ inputs: string[], output: string, args: string[] }} Build */

/** What is built, from what, by which call of Vite. */
export const builds = {
  page: {
    inputs: [
      "index.html",
      "vite.config.ts",
      "scripts/contentPolicy.mjs",
      "postcss.config.mjs",
      "app",
      "core",
      "nn",
      "codecs",
      "workers",
      "public",
    ],
    output: "dist/app/index.html",
    args: ["build"],
  },
  cli: {
    inputs: ["vite.cli.config.ts", "cli", "core", "codecs", "nn"],
    output: "dist/cli/main.js",
    args: ["build", "--config", "vite.cli.config.ts"],
  },
};

/**
 * Builds unless the inputs are those of the last build. Only stderr is written to.
 *
 * @param {keyof typeof builds} name
 * @returns {Promise<boolean>} whether there was anything to do
 * @throws {Error} when the build fails
 */
export async function buildWhenChanged(name) {
  await buildKernels();
  const build = builds[name];
  const stamp = `${projectRoot}dist/${name}.inputs`;
  const hash = hashOf(build);
  const known = existsSync(stamp) ? readFileSync(stamp, "utf8") : null;
  if (known === hash && existsSync(projectRoot + build.output)) return false;
  rmSync(stamp, { force: true });
  console.error(`Building the ${name} ...`);
  const { code } = await runPackage("vite/bin/vite.js", [...build.args, "--logLevel", "warn"], {
    stdout: "stderr",
  });
  if (code !== 0) throw new Error(`the ${name} could not be built; see the messages above`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

/** @param {Build} build */
function hashOf({ inputs, args }) {
  const hash = createHash("sha256").update(JSON.stringify([args, process.versions.node]));
  const files = ["package.json", "package-lock.json", "tsconfig.base.json", ...inputs].flatMap(
    filesIn,
  );
  for (const file of files) {
    const bytes = readFileSync(projectRoot + file);
    hash.update(`${file} ${bytes.length} `).update(bytes);
  }
  return hash.digest("hex");
}

/**
 * Files under a path of the project, sorted; tests decide nothing about a build.
 *
 * @param {string} path
 * @returns {string[]}
 */
export function filesIn(path) {
  if (!existsSync(projectRoot + path)) return [];
  const entries = readdirSyncOrNull(path);
  if (!entries) return /\.test\.tsx?$/.test(path) ? [] : [path];
  return entries
    .map((entry) => `${path}/${entry}`)
    .sort()
    .flatMap(filesIn);
}

/** @param {string} path */
function readdirSyncOrNull(path) {
  try {
    return readdirSync(projectRoot + path);
  } catch {
    return null;
  }
}
