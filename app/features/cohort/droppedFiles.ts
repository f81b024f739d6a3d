import type { CohortFile } from "#workers/protocol.ts";

/** Files of one drop or one choice, with the name their folder has. */
export interface FolderFiles {
  readonly name: string;
  readonly files: readonly CohortFile[];
  /** The same files as they are now; missing where the browser does not let the page look again. */
  readonly again?: () => Promise<readonly CohortFile[]>;
}

/** Files that systems leave in folders and nobody means to open. */
export function isClutter(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.startsWith("._") || name === ".DS_Store" || name === "Thumbs.db";
}

/** What an `<input type="file" webkitdirectory>` holds. */
export function filesOfInput(list: Iterable<File>): FolderFiles {
  const files = [...list].map((file) => fileAt(file.webkitRelativePath || file.name, file));
  return inTheirFolder(files);
}

/**
 * What was dropped, folders read to the bottom. Call it while the drop event is handled:
 * the browser forgets its items afterwards.
 */
export async function filesOfDrop(transfer: DataTransfer): Promise<FolderFiles> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const loose = [...transfer.files];
  const inEntries = async () => {
    const found: CohortFile[] = [];
    for (const entry of entries) {
      if (entry) await collect(entry, found);
    }
    return inTheirFolder(found);
  };
  // Browsers list a folder among the files, too, as a file that cannot be read.
  if (entries.some((entry) => entry !== null)) {
    return { ...(await inEntries()), again: async () => (await inEntries()).files };
  }
  return inTheirFolder(loose.map((file) => fileAt(file.name, file)));
}

function fileAt(path: string, file: File): CohortFile {
  return { path, file, modified: file.lastModified };
}

async function collect(entry: FileSystemEntry, found: CohortFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) {
    if (isClutter(path)) return;
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push(fileAt(path, file));
    return;
  }
  if (!isFolder(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    // A reader gives at most 100 entries at a time and an empty list at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const child of some) await collect(child, found);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Takes the one folder that holds everything off the paths: its name is the cohort's. */
function inTheirFolder(all: readonly CohortFile[]): FolderFiles {
  const files = all.filter(({ path }) => !isClutter(path));
  const roots = new Set(files.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const [root] = roots;
  if (roots.size !== 1 || !root) return { name: "My cohort", files };
  return {
    name: root,
    files: files.map((one) => ({ ...one, path: one.path.slice(root.length + 1) })),
  };
}
