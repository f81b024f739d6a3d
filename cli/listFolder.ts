import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ListedFile } from "#core/cohort/cohort.ts";
import { messageOf, PlannerError } from "#core/errors.ts";

/**
 * Every file under a folder, sorted by path, `/` between parts. Hidden files and folders are
 * passed over; links are followed, but never in a circle.
 *
 * @throws PlannerError "cohort" when the folder is none or cannot be read
 */
export async function listFolder(folder: string): Promise<ListedFile[]> {
  const found: ListedFile[] = [];
  await list(folder, "", new Set(), found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function list(
  folder: string,
  inside: string,
  above: ReadonlySet<string>,
  found: ListedFile[],
): Promise<void> {
  const place = join(folder, inside);
  const { names, key } = await entriesOf(place);
  if (above.has(key)) return;
  for (const name of names) {
    if (name.startsWith(".")) continue;
    const path = inside ? `${inside}/${name}` : name;
    // A link to nowhere is nothing.
    const stats = await stat(join(folder, path)).catch(() => null);
    if (stats?.isFile()) found.push({ path, bytes: stats.size, modified: stats.mtimeMs });
    if (stats?.isDirectory()) await list(folder, path, new Set([...above, key]), found);
  }
}

async function entriesOf(place: string): Promise<{ names: string[]; key: string }> {
  try {
    const { dev, ino } = await stat(place);
    return { names: await readdir(place), key: `${dev}:${ino}` };
  } catch (error) {
    throw new PlannerError(
      "cohort",
      `${place} cannot be read as a folder (${messageOf(error)}); name a folder of images and masks`,
      { cause: error },
    );
  }
}
