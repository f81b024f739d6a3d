import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";

const root = fileURLToPath(new URL("../", import.meta.url));
const sample = join(root, "public/cohorts/hippocampus");

const experiment = {
  name: "headless",
  target: { labels: [1, 2] },
  densities: [0.1, 0.2, 0.4],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
  repeats: 1,
  iterations: 15,
  batchSize: 2,
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the command as the README shows it. */
function slicewise(args: readonly string[], onStart?: (child: ChildProcess) => void) {
  return new Promise<Outcome>((resolve) => {
    const child = spawn("node", ["scripts/slicewise.mjs", ...args], { cwd: root });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (part: string) => {
        texts[name] += part;
      });
    }
    child.on("close", (code) => resolve({ code, ...texts }));
    onStart?.(child);
  });
}

test.describe("headless runner", () => {
  let folder: string;
  let cohort: string;
  let out: string;
  const run = (onStart?: (child: ChildProcess) => void) =>
    slicewise(
      [
        "run",
        join(folder, "experiment.json"),
        "--cohort",
        cohort,
        "--out",
        out,
        "--backend",
        "cpu",
      ],
      onStart,
    );
  const lines = () =>
    existsSync(join(out, "results.jsonl"))
      ? readFileSync(join(out, "results.jsonl"), "utf8").split("\n").filter(Boolean)
      : [];

  // Builds what is out of date, so that nothing is said of it later.
  test.beforeAll(() => slicewise(["--help"]));
  test.beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-headless-"));
    cohort = join(folder, "cohort");
    out = join(folder, "out");
    for (const part of ["imagesTr", "labelsTr"]) {
      mkdirSync(join(cohort, part), { recursive: true });
      const names = readdirSync(join(sample, part)).filter((name) => name.endsWith(".nii.gz"));
      for (const name of names.sort().slice(0, 8)) {
        copyFileSync(join(sample, part, name), join(cohort, part, name));
      }
    }
    writeFileSync(join(folder, "experiment.json"), JSON.stringify(experiment));
  });
  test.afterEach(() => rmSync(folder, { recursive: true }));

  test("stops when asked, goes on when called again, repeats nothing", async () => {
    const stopped = await run((child) => {
      const watch = setInterval(() => {
        if (lines().length === 0 && child.exitCode === null) return;
        clearInterval(watch);
        child.kill("SIGINT");
      }, 20);
    });
    expect(stopped.stderr).toContain("interrupted; finished work is kept, call again to go on");
    expect(stopped.code).toBe(130);
    const before = lines();
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(3);

    const finished = await run();
    expect(finished.stderr).toContain(`${before.length} finished before`);
    expect(finished.code).toBe(0);
    expect(lines().slice(0, before.length)).toEqual(before);
    expect(lines()).toHaveLength(3);
    expect(finished.stdout.trimEnd().split("\n")).toHaveLength(4);
    expect(finished.stdout).toMatch(/^network +strategy/);
    for (const line of lines()) {
      expect(JSON.parse(line)).toMatchObject({ status: "done", backend: "cpu", schemaVersion: 1 });
    }

    const again = await run();
    expect(again.code).toBe(0);
    expect(lines()).toHaveLength(3);
    expect(again.stdout).toBe(finished.stdout);
  });

  test("goes on in the middle of a trial that was stopped, even when it is killed then", async () => {
    const long = { ...experiment, densities: [0.2], iterations: 900 };
    writeFileSync(join(folder, "experiment.json"), JSON.stringify(long));
    const kept = () => {
      const checkpoints = join(out, "checkpoints");
      return existsSync(checkpoints) ? readdirSync(checkpoints) : [];
    };
    /** Some steps after training began. */
    const stopWith = (signal: NodeJS.Signals) => (child: ChildProcess) => {
      child.stderr?.on("data", (text: string) => {
        if (text.includes("memory:")) setTimeout(() => child.kill(signal), 1000);
      });
    };
    expect((await run(stopWith("SIGINT"))).code).toBe(130);
    expect(lines()).toEqual([]);
    expect(kept()).toHaveLength(1);
    await run(stopWith("SIGKILL"));
    expect(lines()).toEqual([]);
    expect(kept()).toHaveLength(1);
    expect((await run()).code).toBe(0);
    expect(lines()).toHaveLength(1);
    expect(kept()).toEqual([]);
  });

  test("explains itself, and what is wrong", async () => {
    const help = await slicewise(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const word of ["run", "--cohort", "--out", "--backend", "experiment.json", "Exit codes"]) {
      expect(help.stdout).toContain(word);
    }
    expect(await slicewise(["walk"])).toMatchObject({ code: 1, stdout: "" });
    cohort = join(folder, "nowhere");
    const missing = await run();
    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toMatch(/^error: .*nowhere cannot be read as a folder/m);
    expect(existsSync(out)).toBe(false);
  });
});
