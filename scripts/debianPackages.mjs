import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { runCommand } from "./runCommand.mjs";

/**
 * Installs packages of Debian where we may.
 *
 * @param {...string} names
 * @returns {Promise<boolean>} whether this is a Debian we may install on
 */
export async function installDebianPackages(...names) {
  const asRoot = rootPrefix();
  if (!asRoot || !isDebian()) return false;
  const apt = {
    stdout: /** @type {const} */ ("stderr"),
    // Run level 1: a service among them is not started.
    env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
  };
  const run = (/** @type {string[]} */ ...args) => {
    const [program = "apt-get", ...rest] = [...asRoot, "apt-get", ...args];
    return runCommand(program, rest, apt);
  };
  await run("update");
  await run("install", "-y", "--no-install-recommends", ...names);
  return true;
}

/** What goes before a command that needs root; null when we may not. */
export function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : null;
}

/** Ubuntu's `chromium` package is a door to snap, which containers lack. */
function isDebian() {
  if (!existsSync("/usr/bin/apt-get")) return false;
  try {
    return /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}
