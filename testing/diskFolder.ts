import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Folder } from "#core/cohort/folder.ts";
import { sharedFolder } from "./reference.ts";

/** A folder of the shared data as cohorts are read from. */
export function sharedCohort(name: string): Folder {
  const root = `${sharedFolder}data/${name}/`;
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(root + path).isFile())
    .map((path) => ({ path: path.replaceAll("\\", "/"), bytes: statSync(root + path).size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files,
    read: async (path, end) => new Uint8Array(readFileSync(root + path)).slice(0, end),
  };
}

/** A folder of files in memory. */
export function memoryFolder(contents: Readonly<Record<string, Uint8Array | string>>): Folder {
  const bytesOf = (content: Uint8Array | string) =>
    typeof content === "string" ? new TextEncoder().encode(content) : content;
  const files = Object.entries(contents).map(([path, content]) => ({
    path,
    bytes: bytesOf(content).length,
    modified: 1,
  }));
  return { files, read: async (path, end) => bytesOf(contents[path] ?? "").slice(0, end) };
}
