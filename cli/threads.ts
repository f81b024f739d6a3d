import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ThreadPort, Threads } from "#nn/devices/startEngine.ts";

/** The built `kernelThread.ts` lies beside what is built of this file. */
const builtThread = new URL("./kernelThread.js", import.meta.url);

/** Threads of the CPU path: as many as there are processors, but not more than 8. */
export function nodeThreads(count = Math.min(availableParallelism(), 8)): Threads {
  return { count, spawn: () => nodeThread(builtThread) };
}

/** @param file - the built `kernelThread.ts` */
export function nodeThread(file: URL): ThreadPort {
  const worker = new Worker(file);
  return {
    post: (message) => worker.postMessage(message),
    listen: (onMessage, onFailure) => {
      // A thread that waits for work must not keep the process.
      worker.on("message", (message) => {
        worker.unref();
        onMessage(message);
      });
      worker.on("error", (error) => onFailure(error.message));
      worker.on("exit", (code) => onFailure(`the thread ended with exit code ${code}`));
    },
    end: () => void worker.terminate(),
  };
}
