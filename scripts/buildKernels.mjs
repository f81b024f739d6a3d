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
import { fileURLToPath } from "node:url";
import { projectRoot, runPackage } from "./runCommand.mjs";

const sources = "nn/kernels/wasm/assembly/";
const generated = `${projectRoot}nn/kernels/wasm/generated/`;
const options = [
  ...["-O3", "--converge", "--noAssert", "--runtime", "stub"],
  ...["--importMemory", "--enable", "simd", "--use", "abort="],
];

/** The kernels for a memory of one thread, and for one that threads share. */
const variants = [
  { name: "kernelBytes", options },
  {
    name: "sharedKernelBytes",
    options: [...options, "--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"],
  },
];

/**
 * Compiles the kernels of the CPU path from AssemblyScript to WebAssembly, unless they are
 * those of the last time. The bytes go into modules as text, so that a page, a worker, Node and
 * a test load them alike. Only stderr is written to.
 *
 * @returns {Promise<boolean>} whether there was anything to do
 * @throws {Error} when the compiler refuses them
 */
export async function buildKernels() {
  const compiler = JSON.parse(
    readFileSync(`${projectRoot}node_modules/assemblyscript/package.json`, "utf8"),
  );
  const hash = createHash("sha256").update(JSON.stringify([compiler.version, variants]));
  const files = readdirSync(projectRoot + sources).filter((name) => name.endsWith(".ts"));
  for (const file of files.sort()) {
    hash.update(file).update(readFileSync(projectRoot + sources + file));
  }
  const mark = `// Made by scripts/buildKernels.mjs from ${hash.digest("hex")}\n`;
  const missing = variants.filter(({ name }) => {
    const output = `${generated}${name}.ts`;
    return !existsSync(output) || !readFileSync(output, "utf8").startsWith(mark);
  });
  if (missing.length > 0) console.error("Compiling the WebAssembly kernels ...");
  for (const variant of missing) await build(variant, mark);
  return missing.length > 0;
}

/** @typedef {{ name: string, options: string[] }} Variant */

/**
 * @param {Variant} variant
 * @param {string} mark
 */
async function build({ name, options }, mark) {
  const bytes = await compile(options);
  mkdirSync(generated, { recursive: true });
  // Renamed when whole: a reader meanwhile, or a crash, must not see half of it.
  const part = `${generated}${name}.ts.${process.pid}`;
  writeFileSync(
    part,
    `${mark}/** The module that assembly/kernels.ts compiles to, as base64. */\n` +
      `export const ${name} =\n  "${bytes.toString("base64")}";\n`,
  );
  renameSync(part, `${generated}${name}.ts`);
}

/**
 * The compiler is run, not imported: its types would declare a second set of globals.
 *
 * @param {string[]} options
 */
async function compile(options) {
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
