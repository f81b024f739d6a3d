import { mkdirSync, writeFileSync } from "node:fs";
import { runnerImport } from "vite";
import { projectRoot } from "./runCommand.mjs";

/** Measures the regret of recommendations on simulated experiments; half a minute. */
const { module } = await runnerImport(`${projectRoot}bench/regretReport.ts`, {
  root: projectRoot,
  configFile: false,
  logLevel: "error",
});
const report = /** @type {{ regretReport(simulations: number): string }} */ (module).regretReport(
  Number(process.argv[2] ?? 500),
);
mkdirSync(`${projectRoot}docs/reproduction`, { recursive: true });
writeFileSync(`${projectRoot}docs/reproduction/regret.md`, report);
console.log(report);
