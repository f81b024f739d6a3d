import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectRoot } from "./runCommand.mjs";

interface LockedPackage {
  readonly license?: string;
  readonly dev?: boolean;
}

const { packages } = JSON.parse(readFileSync(`${projectRoot}package-lock.json`, "utf8")) as {
  packages: Record<string, LockedPackage>;
};
const all = Object.entries(packages).filter(([path]) => path !== "");

const permissive = [
  "MIT",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "0BSD",
  "CC0-1.0",
  "Zlib",
];
/**
 * Come with packages that are shipped, without a file of theirs in `dist`: vtk.js lists what it
 * is built with, and its XML files are left out (`vite.config.ts`).
 */
const neverBuiltIn = [
  "node_modules/argparse",
  "node_modules/caniuse-lite",
  "node_modules/shelljs/node_modules/rechoir",
];
/** Also fine for tools that are never shipped. */
const forTools = [...permissive, "MPL-2.0", "BlueOak-1.0.0", "Python-2.0", "CC-BY-4.0"];

/** Whether an SPDX expression can be met with these licences. */
function isMet(expression: string, licences: readonly string[]): boolean {
  const text = expression.replace(/[()]/g, "");
  return text
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((one) => licences.includes(one.trim())));
}

function unmet(isTool: boolean, licences: readonly string[]): string[] {
  return all
    .filter(([path, { dev = false }]) => dev === isTool && !neverBuiltIn.includes(path))
    .filter(([, { license = "none" }]) => !isMet(license, licences))
    .map(([path, { license }]) => `${path}: ${license}`);
}

describe("licences of packages", () => {
  it("are known for a fair number of them", () => {
    expect(all.length).toBeGreaterThan(100);
  });

  it("are permissive in what is shipped", () => {
    expect(unmet(false, permissive)).toEqual([]);
  });

  it("are open in what builds and tests", () => {
    expect(unmet(true, forTools)).toEqual([]);
  });
});
