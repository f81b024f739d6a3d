import "../styles/thumbnails.css";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { seriesStyle } from "../ui/seriesStyle.ts";
import { ThumbnailImage } from "./ThumbnailImage.tsx";
import { useThumbnails } from "./useThumbnails.ts";

/** One picture of a filmstrip. */
export interface Frame {
  readonly caseId: string;
  /** Depth index. */
  readonly slice: number;
  /** Looks (see `seriesStyle`) of the strategies that chose it. */
  readonly looks?: readonly number[];
  /** A word under the picture, e.g. "locked". */
  readonly note?: string;
}

interface FilmstripProps {
  /** What a screen reader calls it. */
  readonly name: string;
  readonly cohortId: string;
  readonly frames: readonly Frame[];
  /** Index of the frame in sight elsewhere; null for none. */
  readonly current: number | null;
  readonly onPick: (frame: Frame, index: number) => void;
  readonly withMask?: boolean;
}

const SIDE = 96;
const WIDTH = SIDE + 12;

/** Chosen slices in a row; only those in sight are drawn, so that a thousand scroll smoothly. */
export function Filmstrip(props: FilmstripProps) {
  const { name, cohortId, frames, current, onPick, withMask = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const strip = useVirtualizer({
    count: frames.length,
    horizontal: true,
    getScrollElement: () => frame.current,
    estimateSize: () => WIDTH,
    overscan: 6,
  });
  const items = strip.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  const wishes = useMemo(() => frames.slice(first, last + 1), [frames, first, last]);
  const thumbnailOf = useThumbnails({ cohortId, side: SIDE, withMask }, wishes);
  useEffect(() => {
    if (current !== null) strip.scrollToIndex(current, { align: "auto" });
  }, [current, strip]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const index = Math.min(frames.length - 1, Math.max(0, (current ?? 0) + step));
    const next = frames[index];
    event.preventDefault();
    if (next) onPick(next, index);
  };
  return (
    <div
      ref={frame}
      className="filmstrip"
      role="listbox"
      aria-label={`${name}, ${frames.length}`}
      aria-orientation="horizontal"
      aria-activedescendant={current === null ? undefined : `frame${current}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div style={{ width: strip.getTotalSize() }} role="presentation">
        {items.map(({ index, start }) => {
          const one = frames[index];
          if (!one) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
            <div
              key={index}
              id={`frame${index}`}
              className="frame"
              role="option"
              aria-selected={index === current}
              aria-label={`${one.caseId}, slice ${one.slice + 1}${one.note ? `, ${one.note}` : ""}`}
              aria-posinset={index + 1}
              aria-setsize={frames.length}
              style={{ transform: `translateX(${start}px)`, width: WIDTH }}
              onClick={() => onPick(one, index)}
            >
              <ThumbnailImage thumbnail={thumbnailOf(one)} side={SIDE} />
              <span className="frameMarks">
                {(one.looks ?? []).map((look) => (
                  <i key={look} style={{ background: seriesStyle(look).colour }} />
                ))}
              </span>
              <span className="frameText">
                {one.slice + 1}
                {one.note ? ` ${one.note}` : ""}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
