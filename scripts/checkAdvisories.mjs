import { spawn } from "node:child_process";
import { projectRoot } from "./runCommand.mjs";

/** Severities that must not be in what is shipped. */
const tooHigh = new Set(["high", "critical"]);

/**
 * What npm's advisories say of the packages in package-lock.json that are shipped.
 *
 * @returns {Promise<{ checked: boolean, why: string, problems: string[] }>} `checked` false where
 *   the service does not answer, with the reason
 */
export async function checkAdvisories() {
  return advisoriesIn(await npmAudit());
}

/**
 * @param {string} text - what `npm audit --json` printed
 * @returns {{ checked: boolean, why: string, problems: string[] }}
 */
export function advisoriesIn(text) {
  /** @type {any} */
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return { checked: false, why: "npm audit printed no report", problems: [] };
  }
  if (typeof report?.vulnerabilities !== "object" || report.vulnerabilities === null) {
    const why = String(report?.message ?? report?.error?.summary ?? "no report").split(" - ")[0];
    return { checked: false, why: why ?? "no report", problems: [] };
  }
  const problems = Object.entries(report.vulnerabilities).flatMap(([name, one]) =>
    tooHigh.has(one.severity) ? [`${name} ${one.range}: ${one.severity}: ${titleOf(one)}`] : [],
  );
  return { checked: true, why: "", problems };
}

/** @param {{ via?: (string | { title?: string, url?: string })[] }} one */
function titleOf({ via = [] }) {
  const own = via.find((each) => typeof each === "object");
  return typeof own === "object"
    ? `${own.title} ${own.url ?? ""}`.trim()
    : `through ${via.join(", ")}`;
}

/** @returns {Promise<string>} */
function npmAudit() {
  const npm = process.env["npm_execpath"];
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm);
  const args = ["audit", "--json", "--omit=dev", "--package-lock-only"];
  const [program, first] = isNpm ? [process.execPath, [npm]] : ["npm", []];
  return new Promise((resolve) => {
    const child = spawn(program, [...first, ...args], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 60_000,
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part) => {
      text += part;
    });
    child.on("error", () => resolve(text));
    child.on("close", () => resolve(text));
  });
}
