import { PlannerError } from "../errors.ts";
import type { ScanFile } from "./scan.ts";

type Beside = Pick<ScanFile, "path" | "sibling">;

/** Endings of the files that hold the voxels of a `.hdr`. */
const voxelEndings = [".img", ".img.gz", ".IMG"];

/**
 * The voxels that lie beside a NIfTI header of its own.
 *
 * @throws PlannerError "format" when there are none
 */
export async function voxelsOfHeader({ path, sibling }: Beside): Promise<Uint8Array> {
  const stem = path.slice(path.lastIndexOf("/") + 1).replace(/\.hdr(\.gz)?$/i, "");
  for (const ending of voxelEndings) {
    const bytes = await sibling(stem + ending);
    if (bytes) return bytes;
  }
  throw new PlannerError(
    "format",
    `a header (.hdr) must have its voxels beside it, got no ${stem}.img or ${stem}.img.gz`,
  );
}

/**
 * The file that a header names; null when its data is attached.
 *
 * @throws PlannerError "format" when it is not beside the header
 */
export async function detachedFile(
  { sibling }: Pick<ScanFile, "sibling">,
  name: string | null,
): Promise<Uint8Array | null> {
  if (name === null) return null;
  const isInside = !/^([\\/]|[a-z]:)|(^|[\\/])\.\.([\\/]|$)/i.test(name);
  const bytes = isInside ? await sibling(name) : null;
  if (bytes) return bytes;
  throw new PlannerError(
    "format",
    `the header keeps its voxels in ${name.slice(0, 80)}, which must lie beside it; add that file`,
  );
}
