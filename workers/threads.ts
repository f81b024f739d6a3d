import type { ThreadPort, Threads } from "#nn/devices/startEngine.ts";

/**
 * Threads of the CPU path: as many as the browser says there are processors, but not more
 * than 8. Undefined where the page is not cross-origin isolated: memory cannot be shared there.
 */
export function browserThreads(): Threads | undefined {
  if (!crossOriginIsolated || typeof Worker === "undefined") return undefined;
  return { count: Math.min(navigator.hardwareConcurrency, 8), spawn };
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
