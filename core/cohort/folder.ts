import type { ListedFile } from "./cohort.ts";

/** The files of a cohort, wherever they come from: a drop on the page, a disk. */
export interface Folder {
  readonly files: readonly ListedFile[];
  /**
   * Bytes of a file, or its first `end` bytes.
   *
   * @throws PlannerError "format" when it cannot be read
   */
  read(path: string, end?: number): Promise<Uint8Array>;
}

/** Bytes of a file beside another; null when the folder has none of that name. */
export function siblingOf(folder: Folder, path: string, name: string): Promise<Uint8Array> | null {
  const beside = path.slice(0, path.lastIndexOf("/") + 1) + name;
  return folder.files.some((file) => file.path === beside) ? folder.read(beside) : null;
}
