import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { filesIn } from "./buildWhenChanged.mjs";
import { projectRoot } from "./runCommand.mjs";

const folders = [
  "core",
  "codecs",
  "nn",
  "workers",
  "app",
  "cli",
  "bench",
  "e2e",
  "testing",
  "scripts",
];
const sources = folders.flatMap(filesIn).filter((file) => /\.(tsx?|mjs)$/.test(file));
const styles = filesIn("app").filter((file) => file.endsWith(".css"));
const textOf = (file: string) => readFileSync(projectRoot + file, "utf8");
const under = (...names: string[]) =>
  sources.filter((file) => names.some((name) => file.startsWith(`${name}/`)));

/** Files in which a pattern stands, with its line. */
function linesWith(pattern: RegExp, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

describe("sources", () => {
  it("are there to be looked at", () => {
    for (const folder of folders) expect(under(folder).length, folder).toBeGreaterThan(0);
    expect(styles.length).toBeGreaterThan(0);
  });

  it("take chance from a seed alone", () => {
    const files = under("core", "codecs", "nn", "workers", "cli", "bench");
    expect(linesWith(/\bMath\.random\s*\(|crypto\.getRandomValues/, files)).toEqual([]);
  });

  it("decide nothing by the clock in core", () => {
    // When a result was finished is written down and decides nothing.
    const asks = /\bDate\.now\s*\(|new Date\(\)(?!\.toISOString\(\))|performance\.now/;
    expect(linesWith(asks, under("core"))).toEqual([]);
  });

  it("stay short enough to be read", () => {
    const written = sources.filter((file) => !file.includes("/assembly/"));
    const long = [...written, ...styles].filter((file) => textOf(file).split("\n").length > 401);
    expect(long).toEqual([]);
  });

  it("are named after what they hold", () => {
    const vague = /^(index|utils?|helpers?|common|misc|manager|types)\.(tsx?|mjs)$/;
    expect(sources.filter((file) => vague.test(basename(file)))).toEqual([]);
  });

  it("name no address the page could send anything to", () => {
    const files = under("core", "codecs", "nn", "workers", "app");
    const calls = /\b(fetch|WebSocket|EventSource|sendBeacon)\s*\(\s*["'`](https?|wss?):/;
    expect(linesWith(calls, files)).toEqual([]);
    expect(linesWith(/navigator\.sendBeacon|new WebSocket/, files)).toEqual([]);
  });
});
