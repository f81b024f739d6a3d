import type { Backend, DeviceChoice, DeviceReport } from "#core/experiment/device.ts";
import { chooseDevice } from "#nn/devices/chooseDevice.ts";
import { type EngineInUse, watchEngine } from "#nn/devices/engineInUse.ts";
import { probeCpu } from "#nn/devices/probeCpu.ts";
import { probeWebgpu } from "#nn/devices/probeWebgpu.ts";
import { startEngine, type Threads } from "#nn/devices/startEngine.ts";
import type { WasmFiles } from "#nn/devices/wasmFiles.ts";
import type { Engine } from "#nn/engine.ts";

/** Starts an engine on a backend. */
export type StartEngine = (backend: Backend) => Promise<Engine>;

/** The engine that stays from one trial to the next. */
export class Engines {
  readonly #start: StartEngine;
  #current: { readonly backend: Backend; readonly inUse: EngineInUse } | null = null;

  constructor(start: StartEngine) {
    this.#start = start;
  }

  /**
   * The engine of a backend: the one in use where it is the same and its device is well,
   * else a fresh one.
   *
   * @throws PlannerError "device" when it does not start
   */
  async get(backend: Backend): Promise<EngineInUse> {
    const current = this.#current;
    if (current?.backend === backend && !current.inUse.hasFailed()) return current.inUse;
    this.#current = null;
    current?.inUse.engine.dispose();
    const inUse = watchEngine(await this.#start(backend));
    this.#current = { backend, inUse };
    return inUse;
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
