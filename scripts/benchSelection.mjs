import { runnerImport } from "vite";
import { projectRoot } from "./runCommand.mjs";

/**
 * Times selection over the slices of a whole cohort, 192 features each, and says how much memory
 * it takes at most. With numbers, only that: slices, picks, `scans` or `isotropic`, method.
 */
const [, , slices, picks, kind = "scans", method = "coreset"] = process.argv;
const { module } = await runnerImport(`${projectRoot}bench/selectionSpeed.ts`, {
  root: projectRoot,
  configFile: false,
  logLevel: "error",
});

/** @type {[number, number, string, string][]} */
const all = [
  [25_000, 1000, "scans", "coreset"],
  [50_000, 1000, "scans", "coreset"],
  [100_000, 1000, "scans", "coreset"],
  [100_000, 2000, "scans", "coreset"],
  [100_000, 5000, "scans", "coreset"],
  [100_000, 10_000, "scans", "coreset"],
  [100_000, 1000, "isotropic", "coreset"],
  [8192, 800, "scans", "unsupervised"],
];
const jobs = slices === undefined ? all : [[Number(slices), Number(picks), kind, method]];

console.log("method, slices, picks, features like, CPU seconds, ns per slice and pick, peak MiB");
for (const [count, wanted, like, by] of jobs) {
  const features = module.simulatedFeatures(count, like === "isotropic");
  const before = process.cpuUsage();
  module.pick(by, features, wanted);
  // Of one processor: other work on the machine does not count.
  const seconds = process.cpuUsage(before).user / 1e6;
  const each = (seconds / (Number(count) * Number(wanted))) * 1e9;
  // maxRSS counts kibibytes.
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${by}, ${count}, ${wanted}, ${like}, ${seconds.toFixed(1)}, ${each.toFixed(2)}, ${peak.toFixed(0)}`,
  );
}
