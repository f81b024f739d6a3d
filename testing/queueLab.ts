import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseResult, type TrialResult } from "#core/results/result.ts";
import { type RunningCommand, startRunner } from "./builtRunner.ts";
import { RedisServer } from "./redisServer.ts";
import { writeTinyCohort } from "./tinyCohort.ts";

/** A folder with a tiny cohort, a Redis, and the commands that a test starts on them. */
export class QueueLab {
  readonly folder = mkdtempSync(join(tmpdir(), "slicewise-queue-"));
  readonly redis: RedisServer;
  readonly #commands: RunningCommand[] = [];

  private constructor(redis: RedisServer) {
    this.redis = redis;
    writeTinyCohort(this.at("cohort"), 8);
  }

  static async open(): Promise<QueueLab> {
    const folder = mkdtempSync(join(tmpdir(), "slicewise-redis-"));
    return new QueueLab(await RedisServer.start(folder));
  }

  /** Ends everything that was started. */
  async close(): Promise<void> {
    for (const { child } of this.#commands) child.kill("SIGKILL");
    await Promise.all(this.#commands.map(({ outcome }) => outcome));
    await this.redis.kill();
    rmSync(this.folder, { recursive: true });
  }

  at(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  design(experiment: object): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.at("experiment.json"), JSON.stringify(experiment));
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
    const command = startRunner(args, env);
    this.#commands.push(command);
    return command;
  }

  /** `slicewise run` of the experiment into a folder. */
  run(out: string, ...options: string[]): RunningCommand {
    const where = ["--cohort", this.at("cohort"), "--out", this.at(out)];
    return this.start(["run", this.at("experiment.json"), ...where, ...options]);
  }

  fill(): RunningCommand {
    return this.run("out", "--redis", this.redis.url);
  }

  work(
    env: Readonly<Record<string, string>> = {},
    cohort = "cohort",
    checkpoints = this.at("checkpoints"),
  ): RunningCommand {
    const where = ["--redis", this.redis.url, "--cohort", this.at(cohort)];
    where.push("--checkpoints", checkpoints);
    return this.start(["work", ...where, "--backend", "cpu", "--lease", "3"], env);
  }

  /** What `slicewise status` prints. */
  async status(): Promise<string> {
    return (await this.start(["status", "--redis", this.redis.url]).outcome).stdout;
  }

  /** Results in an output folder; a line that is being written is none yet. */
  kept(out: string): TrialResult[] {
    let text: string;
    try {
      text = readFileSync(this.at(out, "results.jsonl"), "utf8");
    } catch {
      return [];
    }
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    return whole
      .split("\n")
      .filter(Boolean)
      .map((line) => parseResult(JSON.parse(line)));
  }
}

/** Waits until something holds; the test's own limit ends the waiting. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(50);
}

/** What must not depend on where a trial ran. */
export function numbersOf(results: readonly TrialResult[]): Map<string, unknown> {
  return new Map(
    results.map(({ trial, status, iou, finalLoss }) => [trial, { status, iou, finalLoss }]),
  );
}

/** Processes that a process started and that still live. Linux. */
export function childrenOf(pid: number | undefined): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === pid && state !== "Z" ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
