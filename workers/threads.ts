import type { ThreadPort, Threads } from "#nn/devices/startEngine.ts";

/**
 * Threads of the CPU path: one less than the processors the browser names, so that the page
 * keeps one to itself and answers at once while a trial trains; not more than 8. Undefined
 * where the page is not cross-origin isolated: memory cannot be shared there.
 */
export function browserThreads(): Threads | undefined {
  if (!crossOriginIsolated || typeof Worker === "undefined") return undefined;
  return { count: Math.max(1, Math.min(navigator.hardwareConcurrency - 1, 8)), spawn };
}

function spawn(): ThreadPort {
  const worker = new Worker(new URL("./kernel.worker.ts", import.meta.url), { type: "module" });
  return {
    post: (message) => worker.postMessage(message),
    listen: (onMessage, onFailure) => {
      worker.addEventListener("message", ({ data }) => onMessage(data));
      worker.addEventListener("error", ({ message }) => onFailure(message || "it did not load"));
    },
    end: () => worker.terminate(),
  };
}
