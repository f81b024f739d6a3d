import { filesIn } from "./buildWhenChanged.mjs";
import { runPackage } from "./runCommand.mjs";

const folders = ["core", "codecs", "nn", "workers", "app", "cli", "e2e", "bench"];

/**
 * Checks who imports whom, and that the check saw every source file: rules about files
 * nobody looked at pass too.
 *
 * @returns {Promise<string[]>} what is wrong, one line each
 */
export async function checkModules() {
  const { code, stdout } = await runPackage(
    "dependency-cruiser/bin/dependency-cruise.mjs",
    ["--config", "dependencyCruiser.config.cjs", "--output-type", "json", ...folders],
    { stdout: "capture" },
  );
  const report = parsed(stdout);
  if (!report) return [`dependency-cruiser gave no report (exit code ${code})`];
  const seen = new Set(report.modules.map(({ source }) => source));
  const unseen = folders.flatMap(filesIn).filter((file) => isSource(file) && !seen.has(file));
  return [
    ...report.summary.violations
      .filter(({ rule }) => rule.severity === "error")
      .map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ...unseen.map((file) => `${file} was not looked at`),
  ];
}

/** @param {string} file */
function isSource(file) {
  return /\.tsx?$/.test(file) && !/\.d\.ts$/.test(file) && !file.includes("/assembly/");
}

/**
 * @typedef {{ modules: { source: string }[], summary: { violations:
 *   { rule: { name: string, severity: string }, from: string, to: string }[] } }} Report
 */

/**
 * @param {string} text
 * @returns {Report | null}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
