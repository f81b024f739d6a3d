import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { childrenOf, numbersOf, QueueLab, until } from "../../testing/queueLab.ts";
import { redisProgram } from "../../testing/redisServer.ts";
import { writeTinyCohort } from "../../testing/tinyCohort.ts";

/** 5 densities x 2 volume fractions x 2 strategies x 10 repeats. */
const experiment = {
  name: "two hundred trials",
  densities: [0.2, 0.4, 0.6, 0.8, 1],
  volumeFractions: [0.5, 1],
  strategies: ["fixedInterval", "uniformRandom"],
  repeats: 10,
  iterations: 1,
  batchSize: 1,
  patch: [16, 16],
  split: { test: 0.25, validation: 0, seed: 1 },
};
const oneTrial = {
  ...experiment,
  densities: [1],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
  repeats: 1,
};

const clockAhead = fileURLToPath(new URL("../../testing/clockAhead.mjs", import.meta.url));
const canRun = redisProgram !== null && process.platform === "linux";

describe.skipIf(!canRun)("a queue of trials on a real Redis", () => {
  let lab: QueueLab;
  beforeEach(async () => {
    lab = await QueueLab.open();
  });
  afterEach(() => lab.close());

  it("has 200 results once each, equal to a local run's, whatever fails meanwhile", async () => {
    lab.design(experiment);
    const gatherer = lab.fill();
    const [first, second] = [lab.work(), lab.work()];
    lab.work({ NODE_OPTIONS: `--import ${clockAhead}` });
    lab.work({ TMPDIR: "/dev/full", HOME: "/dev/full" }, "cohort", "/dev/full/checkpoints");
    await until(() => lab.kept("out").length >= 20);
    first.child.kill("SIGKILL");
    await until(() => lab.kept("out").length >= 60);
    await lab.redis.kill();
    await wait(500);
    await lab.redis.startAgain();
    await until(() => lab.kept("out").length >= 100);
    for (const pid of childrenOf(second.child.pid)) process.kill(pid, "SIGKILL");
    lab.work();
    const { code, stderr } = await gatherer.outcome;
    expect(stderr).toContain("200 trials, 0 finished before");
    expect(code, stderr).toBe(0);

    const results = lab.kept("out");
    expect(results).toHaveLength(200);
    const alone = await lab.run("local", "--backend", "cpu").outcome;
    expect(alone.code).toBe(0);
    expect(lab.kept("local")).toHaveLength(200);
    expect(numbersOf(results)).toEqual(numbersOf(lab.kept("local")));
    expect(await lab.status()).toBe("nothing waits\n");
  }, 600_000);

  it("sets a trial aside that ends its process three times", async () => {
    lab.design({ ...oneTrial, iterations: 1_000_000 });
    const gatherer = lab.fill();
    const worker = lab.work();
    for (let time = 0; time < 3; time++) {
      await until(async () => /: train \d/.test(await lab.status()));
      const [server] = childrenOf(worker.child.pid);
      process.kill(server ?? Number.NaN, "SIGKILL");
      // A new process is there once the next try has begun; after the last there is none.
      const isNext = () => childrenOf(worker.child.pid).some((pid) => pid !== server);
      await until(() => isNext() || gatherer.child.exitCode !== null);
    }
    const { code, stderr } = await gatherer.outcome;
    expect(code).toBe(1);
    expect(stderr).toContain("1 trials failed; call again to retry them");
    expect(lab.kept("out")).toMatchObject([
      { status: "failed", error: "set aside after 3 tries: the training process ended (SIGKILL)" },
    ]);
  }, 300_000);

  it("gives a trial back that was under way when its worker was stopped", async () => {
    lab.design({ ...oneTrial, iterations: 1_000_000 });
    lab.fill();
    const worker = lab.work();
    await until(async () => /: train \d/.test(await lab.status()));
    worker.child.kill("SIGTERM");
    expect((await worker.outcome).code).toBe(130);
    expect(await lab.status()).toMatch(/1 waiting, 0 running, 0 done, 0 failed/);
  }, 120_000);

  it("refuses a machine that holds other voxels, and says which", async () => {
    lab.design(experiment);
    writeTinyCohort(lab.at("other"), 8, 1);
    lab.fill();
    await until(async () => (await lab.status()).includes("200 waiting"));
    const { code, stderr } = await lab.work({}, "other").outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('the experiment "two hundred trials" on the queue needs another');
    expect(stderr).toContain("8 cases have other voxels (case0, case1, case2, case3, case4, ...)");
  }, 120_000);
});
