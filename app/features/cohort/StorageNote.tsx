import type { StorageUse } from "#workers/protocol.ts";
import { formatBytes } from "../../ui/format.ts";

/** How much of the browser's storage volumes take. */
export function StorageNote({ storage }: { storage: StorageUse | null }) {
  if (!storage) return null;
  const { volumes, used, quota, inMemory } = storage;
  if (inMemory) {
    return (
      <p className="soft" style={{ margin: 0 }}>
        Volumes take {formatBytes(volumes)} of memory; this browser lends the page no storage, so
        they are gone after a reload.
      </p>
    );
  }
  const share =
    used === null || quota === null
      ? ""
      : ` This page uses ${formatBytes(used)} of the ${formatBytes(quota)} the browser lends it.`;
  return (
    <p className="soft" style={{ margin: 0 }}>
      Volumes take {formatBytes(volumes)} in this browser's storage, on this machine alone.{share}
    </p>
  );
}
