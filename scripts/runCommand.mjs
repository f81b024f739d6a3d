import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json, with a slash at the end. */
export const projectRoot = fileURLToPath(new URL("../", import.meta.url));

/**
 * Runs a program to its end. Its stderr is shown as it comes.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {"show" | "stderr" | "capture"} [options.stdout] - "stderr" keeps our own stdout clean
 * @param {NodeJS.ProcessEnv} [options.env] - added to ours
 * @param {boolean} [options.quiet] - drops stderr
 * @returns {Promise<{ code: number, stdout: string }>} code 127 when it could not be started
 */
export function runCommand(program, args, { stdout = "show", env = {}, quiet = false } = {}) {
  const out = { show: /** @type {const} */ ("inherit"), stderr: 2, capture: "pipe" }[stdout];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: projectRoot,
      env: { ...process.env, ...env },
      stdio: [
        "ignore",
        /** @type {import("node:child_process").IOType} */ (out),
        quiet ? "ignore" : 2,
      ],
    });
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (part) => {
      text += part;
    });
    child.on("error", () => resolve({ code: 127, stdout: text }));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout: text }));
  });
}

/**
 * Runs a program of an installed package with this Node, without npx.
 *
 * @param {string} bin - path inside node_modules, e.g. "vite/bin/vite.js"
 * @param {readonly string[]} args
 * @param {Parameters<typeof runCommand>[2]} [options]
 */
export function runPackage(bin, args, options) {
  return runCommand(process.execPath, [`${projectRoot}node_modules/${bin}`, ...args], options);
}
