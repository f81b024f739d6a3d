import { spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { builds, buildWhenChanged } from "./buildWhenChanged.mjs";
import { projectRoot } from "./runCommand.mjs";
import { setUp } from "./setUp.mjs";

/**
 * Measures running many trials headless: how much faster two training processes are than one,
 * in pairs of runs one after the other, and whether the two-thousandth trial of one session
 * costs what the first did, in time and memory.
 *
 *     node scripts/benchScale.mjs [trials of the long session, 2000]
 */

const trialsOfSoak = Number(process.argv[2] ?? 2000);
const rounds = 3;
const sample = join(projectRoot, "public/cohorts/hippocampus");
const folder = mkdtempSync(join(tmpdir(), "slicewise-scale-"));

await setUp();
await buildWhenChanged("cli");
try {
  writeCohort(12);
  console.log(`${cpus()[0]?.model ?? "processor"}, ${availableParallelism()} processors`);
  await throughput();
  await soak();
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {number} cases */
function writeCohort(cases) {
  for (const part of ["imagesTr", "labelsTr"]) {
    mkdirSync(join(folder, "cohort", part), { recursive: true });
    const names = readdirSync(join(sample, part)).filter((name) => name.endsWith(".nii.gz"));
    for (const name of names.sort().slice(0, cases)) {
      copyFileSync(join(sample, part, name), join(folder, "cohort", part, name));
    }
  }
}

/** Trials per minute with one process of one thread and with two. */
async function throughput() {
  const experiment = {
    target: { labels: [1, 2] },
    densities: [0.1, 0.2, 0.4],
    volumeFractions: [0.5, 1],
    strategies: ["fixedInterval"],
    repeats: 2,
    iterations: 40,
    batchSize: 8,
  };
  /** @type {number[]} */
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const rates = [];
    for (const processes of [1, 2]) {
      const { results } = await runTrials(experiment, processes, `t${round}-${processes}`);
      const times = results.map(({ finishedAt }) => Date.parse(finishedAt));
      // From the first result of a run to its last: reading the cohort is not counted.
      const span = (Math.max(...times) - Math.min(...times)) / 60_000;
      rates.push((results.length - processes) / span);
    }
    const [one = Number.NaN, two = Number.NaN] = rates;
    ratios.push(two / one);
    console.log(
      `trials per minute: ${one.toFixed(1)} with one process, ${two.toFixed(1)} with two`,
    );
  }
  ratios.sort((a, b) => a - b);
  console.log(`two processes against one: ${ratios.map((one) => one.toFixed(2)).join(", ")}`);
}

/** One session of thousands of trials: slope of time and memory per thousand trials. */
async function soak() {
  // An experiment takes 100 repeats at most; the rest are densities.
  const repeats = Math.min(100, Math.ceil(trialsOfSoak / 2));
  const count = Math.ceil(trialsOfSoak / (2 * repeats));
  const experiment = {
    target: { labels: [1, 2] },
    densities: Array.from({ length: count }, (_, index) => (index + 1) / count),
    volumeFractions: [0.5, 1],
    strategies: ["fixedInterval"],
    repeats,
    iterations: 1,
    batchSize: 1,
    patch: [16, 16],
    split: { test: 0.1, validation: 0, seed: 1 },
  };
  const { results, memory } = await runTrials(experiment, 0, "soak");
  const seconds = results.map((one) => one.seconds);
  const tenth = Math.max(1, Math.floor(seconds.length / 10));
  const mean = (/** @type {number[]} */ values) =>
    values.reduce((a, b) => a + b, 0) / values.length;
  console.log(`${results.length} trials in one session`);
  console.log(
    `seconds per trial: first tenth ${mean(seconds.slice(0, tenth)).toFixed(3)}, ` +
      `last tenth ${mean(seconds.slice(-tenth)).toFixed(3)}, ` +
      `slope ${(1000 * slopeOf(seconds)).toFixed(4)} s per thousand trials`,
  );
  const settled = memory.slice(Math.floor(memory.length / 10));
  console.log(
    `memory: ${settled[0]?.toFixed(0)} MiB after a tenth, ${settled.at(-1)?.toFixed(0)} MiB at the end, ` +
      `slope ${((1000 * slopeOf(settled) * memory.length) / results.length).toFixed(1)} MiB per thousand trials`,
  );
}

/**
 * @param {object} experiment
 * @param {number} processes - 0: in the runner's own process
 * @param {string} name
 */
async function runTrials(experiment, processes, name) {
  writeFileSync(join(folder, "experiment.json"), JSON.stringify(experiment));
  const out = join(folder, name);
  const args = ["run", join(folder, "experiment.json"), "--cohort", join(folder, "cohort")];
  const pool = processes === 0 ? [] : ["--workers", String(processes), "--threads", "1"];
  const child = spawn(
    process.execPath,
    [projectRoot + builds.cli.output, ...args, "--out", out, "--backend", "cpu", ...pool],
    { stdio: ["ignore", "ignore", "ignore"] },
  );
  /** @type {number[]} */
  const memory = [];
  const look = setInterval(() => memory.push(residentMemory(child.pid)), 500);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`the run ended with exit code ${code}`);
  const results = readFileSync(join(out, "results.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { results, memory: memory.filter((one) => one > 0) };
}

/**
 * @param {number | undefined} pid
 * @returns {number} MiB; 0 where it is not known
 */
function residentMemory(pid) {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return (Number(pages) * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}

/**
 * @param {number[]} values
 * @returns {number} of the least-squares line over their places
 */
function slopeOf(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  let top = 0;
  let bottom = 0;
  for (const [place, value] of values.entries()) {
    top += (place - middle) * (value - mean);
    bottom += (place - middle) ** 2;
  }
  return bottom === 0 ? 0 : top / bottom;
}
