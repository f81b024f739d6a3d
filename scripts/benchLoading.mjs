import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";
import { projectRoot } from "./runCommand.mjs";

/**
 * Measures loading a volume of 512 x 512 x 300 int16 against inflating it alone, and the memory
 * it takes at most. The file is made in one process and read in another, so that making it
 * does not count.
 */
const [, , role, file] = process.argv;
const { module } = await runnerImport(`${projectRoot}bench/loadingSpeed.ts`, {
  root: projectRoot,
  configFile: false,
  logLevel: "error",
});

if (role === "load") {
  const bytes = new Uint8Array(readFileSync(file ?? ""));
  const before = process.memoryUsage().rss;
  let peak = 0;
  const loaded = () => {
    // maxRSS counts kibibytes.
    peak = process.resourceUsage().maxRSS * 1024 - before;
  };
  const found = module.loadingSpeed(bytes, () => performance.now(), loaded);
  /** @param {number} bytesCount */
  const mib = (bytesCount) => (bytesCount / 2 ** 20).toFixed(0);
  /** @param {number} part @param {number} whole */
  const times = (part, whole) => (part / whole).toFixed(2);
  console.log(
    `decoded ${mib(found.decodedBytes)} MiB, compressed ${mib(found.compressedBytes)} MiB`,
  );
  console.log(
    `inflating alone ${found.inflateAlone.toFixed(0)} ms, checked ${found.inflateChecked.toFixed(0)} ms`,
  );
  console.log(
    `loading ${found.load.toFixed(0)} ms, ${times(found.load, found.inflateAlone)} times inflating alone`,
  );
  console.log(
    `peak memory ${mib(peak)} MiB, ${times(peak, found.decodedBytes)} times the decoded size`,
  );
} else {
  const path = join(tmpdir(), `slicewise-loading-${process.pid}.nii.gz`);
  writeFileSync(path, module.loadingFile([300, 512, 512]));
  try {
    const { status } = spawnSync(
      process.execPath,
      [fileURLToPath(new URL(import.meta.url)), "load", path],
      {
        stdio: "inherit",
      },
    );
    process.exitCode = status ?? 1;
  } finally {
    rmSync(path);
  }
}
