import process from "node:process";
import { type Command, Option } from "commander";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { runCommand } from "../command.ts";
import { backendOption } from "../deviceOption.ts";

interface BenchOptions {
  readonly workload: string;
  readonly size?: number;
  readonly batch?: number;
  readonly base?: number;
  readonly depth?: number;
  readonly norm: string;
  readonly warmup: number;
  readonly steps: number;
  readonly backend: DeviceChoice;
  readonly threads?: number;
  readonly json?: true;
}

const help = `
Examples:
  slicewise bench --workload unet2d --size 64 --batch 8 --norm instance --backend cpu
  slicewise bench --workload unet2d --json

  Weights and data come from formulas, so other engines can train the same network on the
  same batch and must report the same losses. A harness may hand the job over as JSON in the
  environment variable PEER_BENCH_JOB; the report is then one line that starts BENCH_JSON.`;

/** `slicewise bench`. */
export function addBenchCommand(root: Command): void {
  const whole = (value: string) => Number(value);
  root
    .command("bench")
    .description("time training steps of a network made of formulas")
    .addOption(
      new Option("--workload <name>", "network").choices(["unet2d", "unet3d"]).default("unet2d"),
    )
    .option("--size <places>", "along every spatial axis", whole)
    .option("--batch <count>", "samples in a step", whole)
    .option("--base <channels>", "at full resolution", whole)
    .option("--depth <levels>", "resolutions", whole)
    .addOption(new Option("--norm <kind>", "").choices(["none", "instance"]).default("none"))
    .option("--warmup <steps>", "steps before timing begins", whole, 2)
    .option("--steps <count>", "timed steps", whole, 6)
    .addOption(backendOption())
    .option("--threads <count>", "of the CPU path, else one per processor, at most 8", whole)
    .option("--json", "print the report as JSON")
    .addHelpText("after", help)
    .action((options: BenchOptions) =>
      runCommand(async ({ out, log }) => {
        const { bench, parseBenchJob } = await import("./bench.ts");
        const { chosenDevice } = await import("../deviceOption.ts");
        const { backend, threads, json, warmup, steps, ...spec } = options;
        const handed = process.env["PEER_BENCH_JOB"];
        const job = parseBenchJob(handed ? JSON.parse(handed) : { spec, warmup, steps });
        const device = await chosenDevice(backend, threads);
        log.write(`device: ${device.reason}\n`);
        const engine = await device.start();
        const report = await bench(job, engine);
        engine.dispose();
        if (handed) out.write(`BENCH_JSON ${JSON.stringify(report)}\n`);
        else if (json) out.write(`${JSON.stringify(report, null, 2)}\n`);
        else out.write(`${inWords(report)}\n`);
        return true;
      }),
    );
}

function inWords(report: Awaited<ReturnType<typeof import("./bench.ts").bench>>): string {
  const { engine, adapter, median_ms, step_ms, gflops, losses } = report;
  return (
    `${engine} on ${adapter.description}: ${median_ms.toFixed(1)} ms per step ` +
    `(fastest ${Math.min(...step_ms).toFixed(1)}), ${gflops.toFixed(2)} GFLOP/s, ` +
    `loss ${losses[0]?.toFixed(5)} to ${losses.at(-1)?.toFixed(5)} in ${losses.length} steps`
  );
}
