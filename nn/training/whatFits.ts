import type { Engine, ModelSpec } from "../engine.ts";

/**
 * The largest batch, or with a batch of 1 the largest patch, that a device takes, as advice.
 *
 * @returns e.g. "a batch of 4 fits"; null when nothing was found
 */
export function whatFits(engine: Pick<Engine, "planMemory">, spec: ModelSpec): string | null {
  const fits = (input: readonly number[]): boolean => {
    try {
      return engine.planMemory({ ...spec, input }, [])?.fits ?? false;
    } catch {
      // A size that the network cannot take.
      return false;
    }
  };
  const [batch = 1, ...rest] = spec.input;
  const channels = rest.at(-1) ?? 1;
  let [low, high] = [0, batch];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits([middle, ...rest])) low = middle;
    else high = middle;
  }
  if (low > 0) return `a batch of ${low} fits`;
  const spatial = rest.slice(0, -1);
  for (let share = 15; share > 0; share--) {
    const patch = spatial.map((size) => Math.floor((size * share) / 256) * 16);
    if (patch.every((size) => size > 0) && fits([1, ...patch, channels])) {
      return `a batch of 1 with a patch of ${patch.join(" x ")} fits`;
    }
  }
  return null;
}
