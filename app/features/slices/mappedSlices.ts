import type { SlicesOfVolume } from "#workers/protocol.ts";

/** A slice and its place on a map. */
export interface MappedSlice {
  readonly key: string;
  readonly caseId: string;
  readonly slice: number;
  readonly mm: number;
  readonly x: number;
  readonly y: number;
  readonly isPicked: boolean;
}

/**
 * The slices of all volumes with their places; none while there is no map of them.
 *
 * @param picks - per volume: depth indices
 * @param places - [slices of all volumes, 2]
 */
export function slicesOn(
  volumes: readonly SlicesOfVolume[],
  picks: readonly (readonly number[])[],
  places: Float32Array | null,
): MappedSlice[] {
  const count = volumes.reduce((sum, { depth }) => sum + depth, 0);
  // A map of other volumes, until the new one is there.
  if (places?.length !== 2 * count) return [];
  let row = 0;
  return volumes.flatMap(({ id, depth, spacingMm }, at) => {
    const picked = new Set(picks[at]);
    return Array.from({ length: depth }, (_, slice) => {
      const place = 2 * row++;
      return {
        key: `${slice} ${id}`,
        caseId: id,
        slice,
        mm: slice * spacingMm,
        x: places[place] as number,
        y: places[place + 1] as number,
        isPicked: picked.has(slice),
      };
    });
  });
}
