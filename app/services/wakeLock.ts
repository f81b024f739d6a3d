import type { WakeLock } from "./services.ts";

/**
 * Asks the browser to keep the screen on while a run lasts, and again when the page comes
 * back to the front, since hiding a page ends its lock. A refusal (low battery, no such
 * feature) is no error: runs go on without it.
 */
export function createWakeLock({ navigator, document }: Window): WakeLock {
  let wanted = false;
  let lock: WakeLockSentinel | null = null;

  const ask = async () => {
    if (!wanted || lock || document.visibilityState !== "visible") return;
    try {
      const got = (await navigator.wakeLock?.request("screen")) ?? null;
      if (!wanted) await got?.release();
      else lock = got;
      got?.addEventListener("release", () => {
        if (lock === got) lock = null;
      });
    } catch {
      lock = null;
    }
  };
  document.addEventListener("visibilitychange", () => void ask());

  return {
    hold: () => {
      wanted = true;
      return ask();
    },
    release: async () => {
      wanted = false;
      const held = lock;
      lock = null;
      await held?.release().catch(() => undefined);
    },
  };
}
