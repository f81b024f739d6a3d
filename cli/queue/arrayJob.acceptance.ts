import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Job } from "kubernetes-models/batch/v1/Job";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startRunner } from "../../testing/builtRunner.ts";
import { writeTinyCohort } from "../../testing/tinyCohort.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const script = join(root, "docs/cluster/slicewise.sbatch");
const manifest = parse(readFileSync(join(root, "docs/cluster/job.yaml"), "utf8"));

const experiment = {
  name: "array",
  densities: [0.4, 1],
  volumeFractions: [1],
  strategies: ["fixedInterval", "uniformRandom"],
  repeats: 2,
  iterations: 1,
  batchSize: 1,
  patch: [16, 16],
  split: { test: 0.25, validation: 0, seed: 1 },
};
const tasks = 3;

describe("an array job", () => {
  const folder = mkdtempSync(join(tmpdir(), "slicewise-array-"));
  const linesOf = (path: string) =>
    readFileSync(join(folder, path, "results.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { trial: string; iou: unknown; finalLoss: number })
      .map(({ trial, iou, finalLoss }) => ({ trial, iou, finalLoss }))
      .sort((a, b) => (a.trial < b.trial ? -1 : 1));
  const slicewise = (...args: string[]) => startRunner(args).outcome;
  const arguments_ = (out: string) => [
    join(folder, "experiment.json"),
    `--cohort=${join(folder, "cohort")}`,
    `--out=${join(folder, out)}`,
    "--backend=cpu",
  ];

  beforeAll(async () => {
    writeTinyCohort(join(folder, "cohort"), 4);
    writeFileSync(join(folder, "experiment.json"), JSON.stringify(experiment));
    expect((await slicewise("run", ...arguments_("whole"))).code).toBe(0);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it("of Slurm runs by index, and its parts merge to what one machine gives", async () => {
    for (let index = 0; index < tasks; index++) {
      execFileSync("bash", [script], {
        stdio: "pipe",
        env: {
          ...process.env,
          SLICEWISE_HOME: root,
          SLICEWISE_EXPERIMENT: join(folder, "experiment.json"),
          SLICEWISE_COHORT: join(folder, "cohort"),
          SLICEWISE_OUT: join(folder, "slurm"),
          SLICEWISE_BACKEND: "cpu",
          SLURM_ARRAY_TASK_ID: String(index),
          SLURM_ARRAY_TASK_COUNT: String(tasks),
        },
      });
    }
    const merged = await slicewise("merge", join(folder, "slurm"), "--out", join(folder, "merged"));
    expect(merged).toMatchObject({ code: 0 });
    expect(merged.stderr).toContain("8 trials from 3 folders, 0 doubles, 0 failed");
    expect(linesOf("merged")).toEqual(linesOf("whole"));
  }, 120_000);

  it("of Slurm asks for an array and runs in strict mode", () => {
    const text = readFileSync(script, "utf8");
    expect(text).toMatch(/^#!\/bin\/bash\n/);
    expect(text).toContain("set -euo pipefail");
    expect(text).toContain("sbatch --array=0-19");
  });

  it("of Kubernetes is a valid Indexed Job", () => {
    new Job(manifest).validate();
    expect(() => new Job({ ...manifest, spec: { completions: "20" } }).validate()).toThrow();
    const { spec } = manifest;
    const [container] = spec.template.spec.containers;
    expect(spec.completionMode).toBe("Indexed");
    const count = container.env.find(({ name }: { name: string }) => name === "COUNT");
    expect(Number(count.value)).toBe(spec.completions);
  });

  it("of Kubernetes runs by index as its container would", async () => {
    const [{ command, args, env }] = manifest.spec.template.spec.containers;
    const values: Record<string, string> = { COUNT: "4", JOB_COMPLETION_INDEX: "1" };
    expect(env.map(({ name }: { name: string }) => name).sort()).toEqual(
      Object.keys(values).sort(),
    );
    const [program, , ...first] = command as string[];
    expect([program, ...first]).toEqual(["node", "run"]);
    const filled = (args as string[]).map((text) =>
      text
        .replace(/\$\((\w+)\)/g, (_, name: string) => values[name] ?? "")
        .replace("/data/", `${folder}/`),
    );
    expect((await slicewise("run", ...filled)).code).toBe(0);
    const part = linesOf("results/part-1-of-4");
    expect(part).toHaveLength(2);
    const whole = new Map(linesOf("whole").map((one) => [one.trial, one]));
    for (const one of part) expect(whole.get(one.trial)).toEqual(one);
  }, 120_000);
});
