import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot, runPackage } from "./runCommand.mjs";

const sources = "nn/kernels/wasm/assembly/";
const output = `${projectRoot}nn/kernels/wasm/generated/kernelBytes.ts`;
const options = [
  ...["-O3", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--importMemory", "--enable", "simd", "--use", "abort="],
];

/**
 * Compiles the kernels of the CPU path from AssemblyScript to WebAssembly, unless they are
 * those of the last time. The bytes go into a module as text, so that a page, a worker, Node and
 * a test load them alike. Only stderr is written to.
 *
 * @returns {Promise<boolean>} whether there was anything to do
 * @throws {Error} when the compiler refuses them
 */
export async function buildKernels() {
  const compiler = JSON.parse(
    readFileSync(`${projectRoot}node_modules/assemblyscript/package.json`, "utf8"),
  );
  const hash = createHash("sha256").update(JSON.stringify([compiler.version, options]));
  const files = readdirSync(projectRoot + sources).filter((name) => name.endsWith(".ts"));
  for (const file of files.sort()) {
    hash.update(file).update(readFileSync(projectRoot + sources + file));
  }
  const mark = `// Made by scripts/buildKernels.mjs from ${hash.digest("hex")}\n`;
  if (existsSync(output) && readFileSync(output, "utf8").startsWith(mark)) return false;
  console.error("Compiling the WebAssembly kernels ...");
  const bytes = await compile();
  mkdirSync(dirname(output), { recursive: true });
  // Renamed when whole: a reader meanwhile, or a crash, must not see half of it.
  const part = `${output}.${process.pid}`;
  writeFileSync(
    part,
    `${mark}/** The module that assembly/kernels.ts compiles to, as base64. */\n` +
      `export const kernelBytes =\n  "${bytes.toString("base64")}";\n`,
  );
  renameSync(part, output);
  return true;
}

/** The compiler is run, not imported: its types would declare a second set of globals. */
async function compile() {
  const binary = `node_modules/.cache/slicewise/kernels-${process.pid}.wasm`;
  const args = [`${sources}kernels.ts`, ...options, "-o", binary];
  const { code } = await runPackage("assemblyscript/bin/asc.js", args, { stdout: "stderr" });
  if (code !== 0) throw new Error("the kernels could not be compiled; see the messages above");
  const bytes = readFileSync(projectRoot + binary);
  rmSync(projectRoot + binary);
  return bytes;
}

/** Vitest calls this before the tests. */
export async function setup() {
  await buildKernels();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernels();
