import { useEffect, useState } from "react";
import type { Thumbnail } from "#core/view/thumbnail.ts";
import { useActions } from "../../PageContext.tsx";

/** Longer edge of a picture, pixels. */
export const PICTURE_SIDE = 88;

type Pictures = ReadonlyMap<number, Thumbnail>;

/** Small pictures of a case's slices, as they are drawn; null until then. */
export function useSliceImages(
  cohortId: string,
  caseId: string,
  slices: readonly number[],
): (slice: number) => Thumbnail | null {
  const { drawThumbnails } = useActions();
  const [shown, setShown] = useState<{ key: string; pictures: Pictures }>({
    key: "",
    pictures: new Map(),
  });
  const key = `${cohortId} ${caseId}`;
  const wishes = slices.join(",");
  useEffect(() => {
    if (wishes === "") return;
    const stop = new AbortController();
    const wanted = wishes.split(",").map(Number);
    const draw = async () => {
      const input = {
        cohortId,
        slices: wanted.map((slice) => ({ caseId, slice })),
        side: PICTURE_SIDE,
        withMask: false,
      };
      const loaded = await drawThumbnails(input, stop.signal);
      if (!loaded?.value || stop.signal.aborted) return;
      const { value } = loaded;
      setShown((before) => {
        const pictures = new Map(before.key === key ? before.pictures : []);
        for (const [at, slice] of wanted.entries()) {
          const picture = value[at];
          if (picture) pictures.set(slice, picture);
        }
        return { key, pictures };
      });
    };
    void draw();
    return () => stop.abort();
  }, [drawThumbnails, cohortId, caseId, key, wishes]);
  return (slice) => (shown.key === key ? (shown.pictures.get(slice) ?? null) : null);
}
