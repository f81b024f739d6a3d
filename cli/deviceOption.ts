import process from "node:process";
import { Option } from "commander";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { chooseDevice } from "#nn/devices/chooseDevice.ts";
import { probeCpu } from "#nn/devices/probeCpu.ts";
import { probeWebgpu } from "#nn/devices/probeWebgpu.ts";
import { startBestEngine } from "#nn/devices/startBestEngine.ts";
import { startEngine } from "#nn/devices/startEngine.ts";
import type { Engine } from "#nn/engine.ts";
import { knownChecksFile } from "./knownChecksFile.ts";
import { nodeThreads } from "./threads.ts";
import { wasmFiles } from "./wasmFiles.ts";
import { loadWebgpu } from "./webgpu.ts";

/** `--backend auto|webgpu|cpu` of every command that trains. */
export function backendOption(): Option {
  return new Option("--backend <name>", "auto: WebGPU on hardware, else the CPU path")
    .choices(["auto", "webgpu", "cpu"])
    .default("auto");
}

/** A device that was chosen and not started yet. */
export interface ChosenDevice {
  /** In one sentence. */
  readonly reason: string;
  start(): Promise<Engine>;
}

/**
 * @param threads - of the CPU path; as many as there are processors, at most 8, unless given
 * @param say - told when a device that was started is refused and another takes its place
 * @throws PlannerError "device" when the choice is not available here
 */
export async function chosenDevice(
  choice: DeviceChoice,
  threads?: number,
  say: (text: string) => void = (text) => void process.stderr.write(`${text}\n`),
): Promise<ChosenDevice> {
  const gpu = choice === "cpu" ? undefined : await loadWebgpu();
  const options = [await probeWebgpu(gpu), probeCpu()];
  const { chosen, reason } = chooseDevice(options, choice);
  const machine = { gpu, wasm: wasmFiles(), threads: nodeThreads(threads) };
  const start = async () => {
    const { engine, report } = await startBestEngine({
      choice,
      options,
      start: (backend) => startEngine({ ...machine, backend }),
      known: knownChecksFile(),
    });
    if (report.chosen !== chosen) say(`device: ${report.reason}`);
    return engine;
  };
  return { reason, start };
}
