import { useEffect, useRef, useState } from "react";
import type { ThumbnailWish } from "#workers/protocol.ts";
import { useActions } from "../PageContext.tsx";
import { type DrawnThumbnail, keyOf, ThumbnailQueue } from "./thumbnailQueue.ts";

interface Source {
  readonly cohortId: string;
  /** Length of a picture's longer edge, pixels. */
  readonly side: number;
  readonly withMask: boolean;
}

/**
 * Small pictures of the slices in sight, drawn in a worker.
 *
 * @param wishes - in sight now
 */
export function useThumbnails(
  { cohortId, side, withMask }: Source,
  wishes: readonly ThumbnailWish[],
): (wish: ThumbnailWish) => DrawnThumbnail | null {
  const { drawThumbnails } = useActions();
  const [drawn, setDrawn] = useState<ReadonlyMap<string, DrawnThumbnail>>(new Map());
  const queue = useRef<ThumbnailQueue | null>(null);
  const latest = useRef(wishes);
  useEffect(() => {
    latest.current = wishes;
    queue.current?.want(wishes);
  }, [wishes]);
  useEffect(() => {
    const mine = new ThumbnailQueue(
      (slices, signal) => drawThumbnails({ cohortId, side, withMask, slices }, signal),
      setDrawn,
    );
    queue.current = mine;
    mine.want(latest.current);
    return () => {
      mine.stop();
      // Another source has other pictures.
      setDrawn(new Map());
    };
  }, [drawThumbnails, cohortId, side, withMask]);
  return (wish) => drawn.get(keyOf(wish)) ?? null;
}
