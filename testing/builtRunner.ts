import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built program that `npm run slicewise` starts. */
export const builtRunner = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** What was said so far. */
  readonly said: () => string;
  readonly outcome: Promise<Outcome>;
}

/** Starts a command of the built runner. */
export function startRunner(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [builtRunner, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (part: string) => {
      texts[name] += part;
    });
  }
  const outcome = new Promise<Outcome>((resolve) => {
    child.on("close", (code) => resolve({ code, ...texts }));
  });
  return { child, said: () => texts.stdout + texts.stderr, outcome };
}
