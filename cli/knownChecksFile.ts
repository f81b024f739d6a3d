import { mkdir, readdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { KnownChecks } from "#nn/devices/engineChecks.ts";

/** Passed checks as empty files in the user's cache folder; deleting them does no harm. */
export function knownChecksFile(
  cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"),
): KnownChecks {
  const folder = join(cache, "slicewise", "checks");
  return {
    has: async (key) => (await readdir(folder).catch((): string[] => [])).includes(key),
    add: async (key) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, key), "");
    },
  };
}
