import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { PlannerError } from "#core/errors.ts";

/** Milliseconds between two looks at a lock that is held. */
const PAUSE = 20;

/**
 * Does something while no other process that asks for the same lock does. The lock is a file
 * that names its holder; one whose holder on this machine is gone was left by a crash and is
 * taken over.
 *
 * @param path - of the lock file
 * @param patience - milliseconds to wait for a holder that lives, or is elsewhere
 * @throws PlannerError "storage" when the lock stays held; says by whom and what to do
 */
export async function withFileLock<T>(
  path: string,
  act: () => Promise<T>,
  patience = 10_000,
): Promise<T> {
  const holder = `process ${process.pid} on ${hostname()}`;
  for (let waited = 0; !(await taken(path, holder)); waited += PAUSE) {
    const other = await holderOf(path);
    if (other !== null && isGone(other)) await rm(path, { force: true });
    else if (waited >= patience) throw stillHeld(path, other);
    else await wait(PAUSE);
  }
  try {
    return await act();
  } finally {
    await rm(path, { force: true });
  }
}

/** Whether the lock is ours now; only one process can make the file. */
async function taken(path: string, holder: string): Promise<boolean> {
  try {
    await writeFile(path, holder, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** null when the lock was given back meanwhile. */
async function holderOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

/** Whether a holder is a process of this machine that has ended. */
function isGone(holder: string): boolean {
  const [, id, host] = holder.match(/^process (\d+) on (.+)$/) ?? [];
  if (!id || host !== hostname()) return false;
  try {
    process.kill(Number(id), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

function stillHeld(path: string, holder: string | null): PlannerError {
  return new PlannerError(
    "storage",
    `${path} is held by ${holder || "another process"}; wait for that run to end, or delete the ` +
      "file when there is none",
  );
}
