import { parentPort } from "node:worker_threads";
import { kernelThread } from "#nn/cpu/kernelThread.ts";

/** A thread of the CPU path; an entry of the build of its own. */
parentPort?.on(
  "message",
  kernelThread((answer) => parentPort?.postMessage(answer)),
);
