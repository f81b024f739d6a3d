import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { buildKernels } from "./buildKernels.mjs";
import { buildWhenChanged } from "./buildWhenChanged.mjs";
import { checkAdvisories } from "./checkAdvisories.mjs";
import { checkModules } from "./checkModules.mjs";
import { checkSizes } from "./checkSizes.mjs";
import { provideChromium } from "./findChromium.mjs";
import { provideRedis } from "./findRedis.mjs";
import { projectRoot, runPackage } from "./runCommand.mjs";
import { serve } from "./serve.mjs";
import { setUp } from "./setUp.mjs";

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ ok: boolean, counts?: Counts }} Outcome
 */

const reports = "node_modules/.cache/slicewise";

/** Every check in the order of its price. @type {Record<string, () => Promise<Outcome>>} */
const steps = { types, lint, deps, advisories, unit, build, size, e2e, scale, learning };

async function types() {
  const projects = [
    "core",
    "codecs",
    "nn",
    "workers",
    "app",
    "cli",
    "e2e",
    "scripts",
    "tsconfig.tests.json",
  ];
  for (const project of projects) {
    const cache = `${reports}/${project.replace(/\W/g, "-")}.tsbuildinfo`;
    const args = ["-p", project, "--incremental", "--tsBuildInfoFile", cache];
    const { code } = await runPackage("typescript/bin/tsc", args);
    if (code !== 0) return { ok: false };
  }
  return { ok: true };
}

async function lint() {
  if (!hasBiome()) {
    console.log("lint skipped: Biome has no binary for this system");
    return { ok: true };
  }
  const { code } = await runPackage("@biomejs/biome/bin/biome", ["check", "--error-on-warnings"]);
  return { ok: code === 0 };
}

/** Whether npm found a Biome for this system; one that is there and does not run is a fault. */
function hasBiome() {
  const folder = `${projectRoot}node_modules/@biomejs`;
  const binary = `cli-${process.platform}-${process.arch}`;
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(binary));
}

async function deps() {
  const problems = await checkModules();
  for (const problem of problems) console.error(problem);
  return { ok: problems.length === 0 };
}

/** Where the service does not answer nothing is checked, and the end says so. */
async function advisories() {
  const { checked, why, problems } = await checkAdvisories();
  for (const problem of problems) console.error(problem);
  if (!checked) console.log(`advisories not checked: ${why}`);
  const counts = { passed: 0, failed: problems.length, skipped: checked ? 0 : 1 };
  return { ok: problems.length === 0, counts };
}

async function unit() {
  const outcome = await vitest("unit", []);
  // Where every test was skipped nothing was checked.
  return { ...outcome, ok: outcome.ok && (outcome.counts?.passed ?? 0) > 0 };
}

/** The built runner on several processes, on a queue, and as an array job, with faults. */
async function scale() {
  await build();
  const redis = await provideRedis();
  if (!redis) console.log("scale: no Redis here, what needs one is skipped");
  if (redis) process.env["REDIS_SERVER"] = redis;
  return vitest("scale", ["cli/queue", "--config", "vitest.acceptance.config.ts"]);
}

/** Minutes of real training by the built runner. */
async function learning() {
  await build();
  const options = ["cli/acceptance", "--config", "vitest.acceptance.config.ts"];
  const outcome = await vitest("learning", options);
  if (outcome.ok && outcome.counts?.passed === 0) {
    console.log("learning: no data beside the project, not proven");
  }
  return outcome;
}

/**
 * @param {string} name - of the report
 * @param {string[]} options
 * @returns {Promise<Outcome>}
 */
async function vitest(name, options) {
  const file = `${reports}/${name}.json`;
  rmSync(projectRoot + file, { force: true });
  const { code } = await runPackage("vitest/vitest.mjs", [
    "run",
    ...options,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file);
  const counts = report && {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  const ran = counts ? counts.passed + counts.skipped : 0;
  return { ok: code === 0 && ran > 0, counts };
}

async function build() {
  await buildWhenChanged("page");
  await buildWhenChanged("cli");
  return { ok: true };
}

async function size() {
  await build();
  const { lines, problems } = checkSizes();
  for (const line of lines) console.log(line);
  for (const problem of problems) console.error(problem);
  return { ok: problems.length === 0 };
}

async function e2e() {
  await build();
  const file = "test-results/report.json";
  const { code } = await runPackage("@playwright/test/cli.js", ["test"], {
    env: {
      CHROMIUM: await provideChromium(),
      E2E_PORT: await freePort(),
    },
  });
  const stats = readReport(file)?.stats;
  const counts = stats && {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  };
  return { ok: code === 0 && counts !== undefined && counts.passed > 0, counts };
}

/** A port nobody listens on. */
async function freePort() {
  const { address, close } = await serve({ port: 0 });
  await close();
  return new URL(address).port;
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(projectRoot + file, "utf8"));
  } catch {
    return null;
  }
}

/**
 * Runs one step; what it throws fails it.
 *
 * @param {string} name
 * @returns {Promise<Outcome>}
 */
async function run(name) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const outcome = await steps[/** @type {keyof typeof steps} */ (name)]?.().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return { ok: false };
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`== ${name} ${outcome?.ok ? "passed" : "FAILED"} in ${seconds} s`);
  return outcome ?? { ok: false };
}

/** @param {string[]} names */
async function main(names) {
  const unknown = names.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) {
    console.error(
      `a step must be one of ${Object.keys(steps).join(", ")}, got ${unknown.join(", ")}`,
    );
    return 1;
  }
  await setUp();
  await buildKernels();
  // Before the checks: where a browser must be installed, that is the part most likely to fail.
  if (names.includes("e2e")) await provideChromium();
  if (names.includes("scale")) await provideRedis();
  rmSync(`${projectRoot}test-results`, { recursive: true, force: true });
  mkdirSync(projectRoot + reports, { recursive: true });

  const sum = { passed: 0, failed: 0, skipped: 0 };
  let failedStep = null;
  for (const name of names) {
    const { ok, counts } = await run(name);
    sum.passed += counts?.passed ?? 0;
    sum.skipped += counts?.skipped ?? 0;
    // A step that fails without naming a test counts as one.
    sum.failed += ok ? 0 : Math.max(1, counts?.failed ?? 0);
    if (!ok) {
      failedStep = name;
      break;
    }
  }
  console.log("");
  if (failedStep) console.log(`stopped at ${failedStep}`);
  if (sum.skipped > 0) console.log(`${sum.skipped} skipped`);
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return failedStep ? 1 : 0;
}

try {
  const named = process.argv.slice(2);
  process.exitCode = await main(named.length > 0 ? named : Object.keys(steps));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
