import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectRoot } from "./runCommand.mjs";

interface LockedPackage {
  readonly optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(`${projectRoot}package-lock.json`, "utf8")) as {
  packages: Record<string, LockedPackage>;
};

describe("package-lock.json", () => {
  it("knows the binaries of every system, or npm ci refuses", () => {
    const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies).filter(
        (name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)),
      ),
    );
    expect(missing).toEqual([]);
  });

  it("names no registry", () => {
    expect(JSON.stringify(packages)).not.toMatch(/"resolved":/);
  });
});
