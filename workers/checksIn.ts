import type { KnownChecks } from "#nn/devices/engineChecks.ts";
import type { FileArea } from "./fileArea.ts";

/** Passed checks as empty files of an area. Where there is none every start checks anew. */
export function checksIn(open: () => Promise<FileArea>): KnownChecks {
  return {
    has: async (key) => (await open()).has(key),
    add: async (key) => (await open()).write(key, []),
  };
}
