import { Option } from "commander";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { chooseDevice } from "#nn/devices/chooseDevice.ts";
import { probeCpu } from "#nn/devices/probeCpu.ts";
import { probeWebgpu } from "#nn/devices/probeWebgpu.ts";
import { startEngine } from "#nn/devices/startEngine.ts";
import type { Engine } from "#nn/engine.ts";
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
 * @throws PlannerError "device" when the choice is not available here
 */
export async function chosenDevice(choice: DeviceChoice, threads?: number): Promise<ChosenDevice> {
  const gpu = choice === "cpu" ? undefined : await loadWebgpu();
  const { chosen, reason } = chooseDevice([await probeWebgpu(gpu), probeCpu()], choice);
  const options = { backend: chosen, gpu, wasm: wasmFiles(), threads: nodeThreads(threads) };
  return { reason, start: () => startEngine(options) };
}
