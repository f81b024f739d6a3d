import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withFileLock } from "./fileLock.ts";

describe("withFileLock", () => {
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-lock-"));
    lock = join(folder, "results.jsonl.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets one in at a time and names it, whatever it throws", async () => {
    const inside: string[] = [];
    const enter = (name: string) =>
      withFileLock(lock, async () => {
        inside.push(`${name} in`);
        expect(readFileSync(lock, "utf8")).toBe(`process ${process.pid} on ${hostname()}`);
        await new Promise((resolve) => setImmediate(resolve));
        inside.push(`${name} out`);
        if (name === "a") throw new Error("disk full");
        return name;
      });
    const ended = await Promise.allSettled([enter("a"), enter("b"), enter("c")]);
    expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(inside).toHaveLength(6);
    for (let at = 0; at < 6; at += 2) {
      expect(inside[at + 1]).toBe(inside[at]?.replace("in", "out"));
    }
    expect(existsSync(lock)).toBe(false);
  });

  it("takes over what a process that ended has left", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(lock, `process ${pid} on ${hostname()}`);
    expect(await withFileLock(lock, async () => "done")).toBe("done");
    expect(existsSync(lock)).toBe(false);
  });

  it.each([
    ["a process that lives", `process ${process.pid} on ${hostname()}`],
    ["another machine", "process 1 on elsewhere"],
    ["nobody by name", ""],
  ])("leaves the lock of %s and says what to do", async (_, holder) => {
    writeFileSync(lock, holder);
    const entered = withFileLock(lock, async () => "done", 40);
    await expect(entered).rejects.toThrow(
      `${lock} is held by ${holder || "another process"}; wait for that run to end, or delete ` +
        "the file when there is none",
    );
    expect(readFileSync(lock, "utf8")).toBe(holder);
  });

  it("says why a lock cannot be made", async () => {
    const nowhere = join(folder, "nothing", "x.lock");
    await expect(withFileLock(nowhere, async () => "done")).rejects.toThrow(/ENOENT/);
  });
});
