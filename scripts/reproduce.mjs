import { mkdirSync, writeFileSync } from "node:fs";
import { runnerImport } from "vite";
import { projectRoot, runPackage } from "./runCommand.mjs";

/** Measurements on simulated experiments: file in bench, its function, simulations. */
const reports = /** @type {const} */ ({
  regret: ["regretReport", 500],
  adaptive: ["adaptiveReport", 50],
});

/** @param {string} name */
async function reproduce(name) {
  const [file, simulations] = reports[/** @type {keyof typeof reports} */ (name)];
  const { module } = await runnerImport(`${projectRoot}bench/${file}.ts`, {
    root: projectRoot,
    configFile: false,
    logLevel: "error",
  });
  const report = /** @type {Record<string, (simulations: number) => string>} */ (module)[file];
  if (!report) throw new Error(`bench/${file}.ts must export ${file}`);
  const page = report(simulations);
  const path = `docs/reproduction/${name}.md`;
  mkdirSync(`${projectRoot}docs/reproduction`, { recursive: true });
  writeFileSync(projectRoot + path, page);
  // Tables are written without padding; the formatter has its own mind about them.
  await runPackage("@biomejs/biome/bin/biome", ["format", "--write", path], { quiet: true });
  console.log(page);
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(reports, name));
if (unknown.length > 0) {
  console.error(
    `a report must be one of ${Object.keys(reports).join(", ")}, got ${unknown.join(", ")}`,
  );
  process.exitCode = 1;
} else {
  for (const name of names.length > 0 ? names : Object.keys(reports)) await reproduce(name);
}
