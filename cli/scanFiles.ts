import { open, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { ScanFile } from "#core/formats/scan.ts";
import { listFolder } from "./listFolder.ts";

/** What a path on the command line stands for. */
export interface ScanPath {
  readonly path: string;
  readonly files: readonly ScanFile[];
}

/**
 * The file at a path, or every file under a folder.
 *
 * @throws PlannerError "format" when there is nothing or it cannot be read
 */
export async function scanFilesAt(path: string): Promise<ScanPath> {
  const stats = await stat(path).catch((error: unknown) => {
    throw new PlannerError("format", `there is no such file or folder (${messageOf(error)})`);
  });
  if (!stats.isDirectory()) return { path, files: [fileAt(path, true)] };
  const listed = await listFolder(path);
  if (listed.length === 0) throw new PlannerError("format", "the folder holds no files");
  return { path, files: listed.map((file) => fileAt(join(path, file.path), false)) };
}

function fileAt(path: string, named: boolean): ScanFile {
  return {
    path: path.replaceAll("\\", "/"),
    named,
    head: () => inWords(() => headOf(path)),
    bytes: () => inWords(() => bytesOf(path)),
    sibling: (name) => bytesOf(join(dirname(path), name)).catch(() => null),
  };
}

/** Without the ways of a Buffer, whose slices share memory. */
async function bytesOf(path: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(132), 0, 132, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function inWords<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new PlannerError("format", `the file cannot be read (${messageOf(error)})`, {
      cause: error,
    });
  }
}
