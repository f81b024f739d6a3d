type Callback = (lock: Lock | null) => unknown;

interface Options {
  readonly mode?: LockMode;
  readonly ifAvailable?: boolean;
}

/**
 * Locks as the Web Locks API gives them to pages of one origin: shared or exclusive, granted
 * in the order they were asked for, for as long as the promise of the callback is pending.
 */
export function memoryLocks(): LockManager {
  const held: { name: string; mode: LockMode }[] = [];
  const waiting: { name: string; mode: LockMode; grant: () => void }[] = [];
  const isFree = (name: string, mode: LockMode) =>
    !held.some((one) => one.name === name && (mode === "exclusive" || one.mode === "exclusive"));
  const next = () => {
    const index = waiting.findIndex(({ name, mode }) => isFree(name, mode));
    waiting.splice(index, index < 0 ? 0 : 1)[0]?.grant();
  };
  const request = async (
    name: string,
    { mode = "exclusive", ifAvailable }: Options,
    work: Callback,
  ) => {
    await Promise.resolve();
    if (!isFree(name, mode)) {
      if (ifAvailable) return work(null);
      await new Promise<void>((grant) => waiting.push({ name, mode, grant }));
    }
    const lock = { name, mode };
    held.push(lock);
    try {
      return await work(lock);
    } finally {
      held.splice(held.indexOf(lock), 1);
      next();
    }
  };
  return { request } as unknown as LockManager;
}
