import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installDebianPackages } from "./debianPackages.mjs";

const programs = ["redis-server", "/usr/bin/redis-server", "valkey-server"];

/**
 * A Redis server that starts: the one REDIS_SERVER names, or the system's.
 *
 * @returns {string | null} its path or name
 */
export function findRedis() {
  const named = process.env["REDIS_SERVER"];
  return (named ? [named] : programs).find(starts) ?? null;
}

/**
 * `findRedis`, installing Debian's where there is none and we may.
 *
 * @returns {Promise<string | null>} null: tests that need one are skipped
 */
export async function provideRedis() {
  const found = findRedis();
  if (found) return found;
  console.error("Installing Redis (apt-get) ...");
  try {
    await installDebianPackages("redis-server");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  return findRedis();
}

/** @param {string} program */
function starts(program) {
  return spawnSync(program, ["--version"], { timeout: 30_000 }).status === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await provideRedis());
