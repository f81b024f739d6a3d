import { kernelThread } from "#nn/cpu/kernelThread.ts";

/** A thread of the CPU path, started by the worker that trains. */
const receive = kernelThread((answer) => self.postMessage(answer));
self.addEventListener("message", (event) => receive((event as MessageEvent).data));
