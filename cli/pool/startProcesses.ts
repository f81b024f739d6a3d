import { availableParallelism } from "node:os";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { type Ready, TrialProcess } from "./trialProcess.ts";

export interface PoolOptions {
  readonly cohort: string;
  readonly backend: DeviceChoice;
  readonly workers: number;
  /** Of each process on the CPU path; the processors shared out among them unless given. */
  readonly threads?: number | undefined;
  /** A `cohort.json` to use instead of the folder's own. */
  readonly settings?: string | undefined;
  /** Folder of results to keep checkpoints beside; in memory where there is none. */
  readonly checkpoints?: string;
}

/** Processes that train side by side, ready; the CPU's threads are shared out among them. */
export interface Processes {
  readonly processes: readonly TrialProcess[];
  /** What one of them said of cohort and device. */
  readonly ready: Ready;
  /** Ends them at once. */
  dispose(): void;
}

/** @throws PlannerError when one of them cannot read the cohort or has no device */
export async function startProcesses({ workers, ...options }: PoolOptions): Promise<Processes> {
  const share = Math.max(1, Math.min(8, Math.floor(availableParallelism() / workers)));
  const threads = options.threads ?? share;
  const processes = Array.from(
    { length: workers },
    () => new TrialProcess({ ...options, threads }),
  );
  const dispose = () => {
    for (const process of processes) process.dispose();
  };
  try {
    const [ready] = await Promise.all(processes.map((process) => process.ready()));
    return { processes, ready: ready as Ready, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
