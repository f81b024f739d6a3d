import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { filesIn } from "./buildWhenChanged.mjs";
import { projectRoot } from "./runCommand.mjs";

/** Budgets in bytes, gzip. */
const budgets = { entry: 200_000, worker: 220_000, viewer: 800_000 };

/**
 * Checks what the built page weighs: the JavaScript that is loaded before anything shows,
 * each worker, and that TensorFlow.js is in the workers alone.
 *
 * @returns {{ lines: string[], problems: string[] }} sizes and what is wrong, one line each
 */
export function checkSizes() {
  const scripts = filesIn("dist/app/assets").filter((file) => file.endsWith(".js"));
  const entry = initialScripts();
  const workers = scripts.filter((file) => /[.-]worker-/.test(file));
  const viewer = scripts.filter((file) => /\/cornerstoneStage-/.test(file));
  const problems = [];
  if (viewer.length !== 1) problems.push("WebGL drawing must be one chunk of its own");
  if (entry.length === 0) problems.push("index.html loads no script");
  if (workers.length === 0) problems.push("no worker was built");

  const sizes = [
    { name: `entry (${entry.length} files)`, bytes: total(entry), budget: budgets.entry },
    { name: "WebGL drawing", bytes: total(viewer), budget: budgets.viewer },
    ...workers.map((file) => ({ name: file, bytes: total([file]), budget: budgets.worker })),
  ];
  for (const { name, bytes, budget } of sizes) {
    if (bytes > budget) problems.push(`${name} must be at most ${budget} bytes gzip, got ${bytes}`);
  }
  const mentions = (/** @type {string} */ file) => /tfjs|_tfengine|_tfGlobals/.test(textOf(file));
  for (const file of entry.filter(mentions)) {
    problems.push(`${file} must not hold TensorFlow.js: only workers load it`);
  }
  if (!scripts.some(mentions)) problems.push("TensorFlow.js is in no script: the check is blind");
  return { lines: sizes.map(({ name, bytes }) => `${name}: ${kilobytes(bytes)} gzip`), problems };
}

/** Scripts of index.html: the entry and everything it imports statically. */
function initialScripts() {
  const html = textOf("dist/app/index.html");
  const found = html.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+\.js)"/g);
  return [...found].map(([, address = ""]) => `dist/app/${address.replace(/^(\.?\/)+/, "")}`);
}

/** @param {string[]} files */
function total(files) {
  return files.reduce((sum, file) => sum + gzipSync(textOf(file)).length, 0);
}

/** @param {string} file */
function textOf(file) {
  return readFileSync(projectRoot + file, "utf8");
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
