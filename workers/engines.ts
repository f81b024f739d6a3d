import type { Backend, DeviceChoice, DeviceReport } from "#core/experiment/device.ts";
import { chooseDevice } from "#nn/devices/chooseDevice.ts";
import type { KnownChecks } from "#nn/devices/engineChecks.ts";
import { type EngineInUse, watchEngine } from "#nn/devices/engineInUse.ts";
import { probeCpu } from "#nn/devices/probeCpu.ts";
import { probeWebgpu } from "#nn/devices/probeWebgpu.ts";
import { startBestEngine } from "#nn/devices/startBestEngine.ts";
import { startEngine, type Threads } from "#nn/devices/startEngine.ts";
import type { WasmFiles } from "#nn/devices/wasmFiles.ts";
import type { Engine } from "#nn/engine.ts";

/** Starts an engine on a backend. */
export type StartEngine = (backend: Backend) => Promise<Engine>;

/** An engine in use and what was found on the way to it. */
interface Started {
  readonly choice: DeviceChoice;
  readonly report: DeviceReport;
  readonly inUse: EngineInUse;
}

/** The engine that stays from one trial to the next. */
export class Engines {
  readonly #gpu: GPU | undefined;
  readonly #start: StartEngine;
  readonly #known: KnownChecks;
  #current: Started | null = null;

  constructor(gpu: GPU | undefined, start: StartEngine, known: KnownChecks) {
    this.#gpu = gpu;
    this.#start = start;
    this.#known = known;
  }

  /**
   * The engine a choice means: the one in use where it is the same and its device is well,
   * else a fresh one that passed the check.
   *
   * @throws PlannerError "device" when there is none that may train
   */
  async get(choice: DeviceChoice): Promise<Started> {
    const current = this.#current;
    if (current?.choice === choice && !current.inUse.hasFailed()) return current;
    this.#current = null;
    current?.inUse.engine.dispose();
    const { engine, report } = await startBestEngine({
      choice,
      options: [await probeWebgpu(this.#gpu), probeCpu()],
      start: this.#start,
      known: this.#known,
    });
    this.#current = { choice, report, inUse: watchEngine(engine) };
    return this.#current;
  }
}

/** What devices there are and what a choice means. */
export async function reportDevices(
  gpu: GPU | undefined,
  choice: DeviceChoice,
): Promise<DeviceReport> {
  return chooseDevice([await probeWebgpu(gpu), probeCpu()], choice);
}

/** Starts engines of this thread; `threads` are those of the CPU path. */
export function engineStarter(
  gpu: GPU | undefined,
  wasm: WasmFiles,
  threads?: Threads,
): StartEngine {
  return (backend) => startEngine({ backend, gpu, wasm, threads });
}
