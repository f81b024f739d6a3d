import { messageOf, PlannerError } from "#core/errors.ts";

/** A flat folder of files: what the voxel store needs of a file system. */
export interface FileArea {
  /** null when there is no such file */
  read(name: string): Promise<Uint8Array | null>;
  /**
   * Writes a whole file or nothing: a file under `name` is never half written.
   *
   * @throws PlannerError "storage" when it cannot be kept
   */
  write(name: string, parts: readonly Uint8Array[]): Promise<void>;
  has(name: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  list(): Promise<string[]>;
  /** Of all files. */
  bytes(): Promise<number>;
  /** Whether files are gone with the worker. */
  readonly inMemory: boolean;
}

/** Files that live as long as this worker: for browsers that lend a page no file system. */
export function memoryArea(): FileArea {
  const files = new Map<string, Uint8Array>();
  return {
    read: async (name) => files.get(name) ?? null,
    write: async (name, parts) => {
      const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
      let offset = 0;
      for (const part of parts) {
        bytes.set(part, offset);
        offset += part.length;
      }
      files.set(name, bytes);
    },
    has: async (name) => files.has(name),
    remove: async (name) => {
      files.delete(name);
    },
    list: async () => [...files.keys()],
    bytes: async () => [...files.values()].reduce((sum, { length }) => sum + length, 0),
    inMemory: true,
  };
}

/** What a worker's file handles can do beyond a page's, and renaming, which is not declared. */
interface OriginFile extends Omit<FileSystemFileHandle, "createSyncAccessHandle"> {
  createSyncAccessHandle(): Promise<SyncAccess>;
  move?(name: string): Promise<void>;
}

interface SyncAccess {
  truncate(size: number): void;
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}

const UNFINISHED = ".writing";

/**
 * Files of this origin that no other program sees (the origin-private file system). A file
 * is written under another name and renamed when it is whole.
 *
 * @throws PlannerError "storage" when the browser lends no file system, e.g. in private mode
 */
export async function originArea(folder: string): Promise<FileArea> {
  const directory = await openDirectory(folder);
  const remove = async (name: string) => {
    await directory.removeEntry(name).catch(ignoreMissing);
  };
  return {
    read: async (name) => {
      const handle = await directory.getFileHandle(name).catch(ignoreMissing);
      if (!handle) return null;
      return new Uint8Array(await (await handle.getFile()).arrayBuffer());
    },
    write: async (name, parts) => {
      const draft = `${name}${UNFINISHED}`;
      try {
        await writeParts(directory, draft, name, parts);
      } catch (cause) {
        await remove(draft);
        throw await storageError(cause, parts);
      }
    },
    has: async (name) => (await directory.getFileHandle(name).catch(ignoreMissing)) !== undefined,
    remove,
    list: async () => {
      const names: string[] = [];
      for await (const name of directory.keys()) names.push(name);
      return names;
    },
    bytes: async () => {
      let sum = 0;
      for await (const handle of directory.values()) {
        // A file that is just being written has no size yet.
        if (handle.kind === "file") sum += await sizeOf(handle as FileSystemFileHandle);
      }
      return sum;
    },
    inMemory: false,
  };
}

async function sizeOf(handle: FileSystemFileHandle): Promise<number> {
  return handle.getFile().then(
    ({ size }) => size,
    () => 0,
  );
}

async function openDirectory(folder: string): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(folder, { create: true });
  } catch (cause) {
    throw new PlannerError(
      "storage",
      `this browser lends the page no file system (${messageOf(cause)}), as in private windows; ` +
        "volumes stay in memory and are gone after a reload",
      { cause },
    );
  }
}

async function writeParts(
  directory: FileSystemDirectoryHandle,
  draft: string,
  name: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const handle = (await directory.getFileHandle(draft, { create: true })) as OriginFile;
  const access = await handle.createSyncAccessHandle();
  try {
    access.truncate(0);
    let at = 0;
    for (const part of parts) {
      const written = access.write(part, { at });
      // Some browsers write less instead of throwing when the disk is full.
      if (written < part.length) throw new DOMException("disk full", "QuotaExceededError");
      at += written;
    }
    access.flush();
  } finally {
    access.close();
  }
  await rename(directory, handle, draft, name);
}

async function rename(
  directory: FileSystemDirectoryHandle,
  handle: OriginFile,
  draft: string,
  name: string,
): Promise<void> {
  if (handle.move) {
    await handle.move(name);
    return;
  }
  // Older browsers cannot rename. The copy may be torn by a crash; its checksum tells.
  const copy = (await directory.getFileHandle(name, { create: true })) as OriginFile;
  const access = await copy.createSyncAccessHandle();
  try {
    access.truncate(0);
    access.write(new Uint8Array(await (await handle.getFile()).arrayBuffer()), { at: 0 });
    access.flush();
  } finally {
    access.close();
  }
  await directory.removeEntry(draft);
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && error.name === "NotFoundError") return undefined;
  throw error;
}

async function storageError(cause: unknown, parts: readonly Uint8Array[]): Promise<PlannerError> {
  const isFull = cause instanceof Error && cause.name === "QuotaExceededError";
  return new PlannerError(
    "storage",
    isFull
      ? `the browser's storage for this page is full${await shortOf(parts)}; free some disk space ` +
          "or open fewer cases"
      : `the browser could not keep a volume (${messageOf(cause)}); reload the page and try again`,
    { cause },
  );
}

/** How much is wanted and lent, where the browser says. */
async function shortOf(parts: readonly Uint8Array[]): Promise<string> {
  const found = await navigator.storage.estimate().catch(() => null);
  if (found?.quota === undefined || found.usage === undefined) return "";
  const wanted = parts.reduce((sum, { length }) => sum + length, 0);
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20).toLocaleString("en");
  return (
    ` (a volume needs ${mebibytes(wanted)} MiB, ${mebibytes(found.usage)} of ` +
    `${mebibytes(found.quota)} MiB are used)`
  );
}
