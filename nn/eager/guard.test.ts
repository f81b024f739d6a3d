import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .map((path) => ({
    path: path.replaceAll("\\", "/"),
    text: readFileSync(`${root}/${path}`, "utf8"),
  }));

/** TensorFlow.js ops that go wrong somewhere without a word; see guardedOps.ts. */
const banned: Readonly<Record<string, readonly string[]>> = {
  // Folded to rank 3 there.
  slice: ["eager/guardedOps.ts"],
  // Rank 4 on WebAssembly alone, inside a kernel, where no gradient is taken.
  pad: ["eager/wasmKernels.ts"],
  reverse: ["eager/wasmKernels.ts"],
  tile: [],
  where: [],
  leakyRelu: [],
  softmax: [],
  logSoftmax: [],
  maxPool: [],
  maxPool3d: [],
  avgPool: [],
  batchNorm: [],
  conv2dTranspose: [],
  conv3dTranspose: [],
  mirrorPad: [],
  einsum: [],
  cumsum: [],
  image: [],
};

describe("the guard around TensorFlow.js", () => {
  it("sees the sources", () => {
    expect(sources.map(({ path }) => path)).toContain("eager/guardedOps.ts");
    expect(sources.length).toBeGreaterThan(20);
  });

  it("is imported nowhere but in eager", () => {
    const importers = sources.filter(({ text }) =>
      /from "@tensorflow\/|import "@tensorflow\//.test(text),
    );
    expect(importers.length).toBeGreaterThan(3);
    expect(importers.filter(({ path }) => !path.startsWith("eager/"))).toEqual([]);
  });

  it("is always called as tf.op, so that the search below finds calls", () => {
    const offenders = sources.filter(({ text }) =>
      /import (?!(?:type )?\* as tf ).*from "@tensorflow\/tfjs-core"/.test(text),
    );
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  it.each(Object.entries(banned))("tf.%s is called only in %j", (op, allowed) => {
    const call = new RegExp(`\\btf\\.${op}\\b`);
    const callers = sources.filter(({ text }) => call.test(text)).map(({ path }) => path);
    expect(callers.filter((path) => !allowed.includes(path))).toEqual([]);
  });
});
