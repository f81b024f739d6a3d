import "../styles/thumbnails.css";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { ThumbnailImage } from "./ThumbnailImage.tsx";
import { useThumbnails } from "./useThumbnails.ts";

/** A case on the sheet. */
export interface SheetCase {
  readonly caseId: string;
  /** Depth index of the slice that stands for it. */
  readonly slice: number;
}

export interface ContactSheetProps {
  readonly cohortId: string;
  readonly cases: readonly SheetCase[];
  readonly withMask: boolean;
  readonly onPick: (caseId: string) => void;
}

const SIDE = 128;
const GAP = 10;
const ROW = SIDE + 34;

/** Every case of a cohort at a glance; only rows in sight are drawn. */
export function ContactSheet({ cohortId, cases, withMask, onPick }: ContactSheetProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const columns = Math.max(1, Math.floor((width + GAP) / (SIDE + GAP)));
  const rows = useVirtualizer({
    count: Math.ceil(cases.length / columns),
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 2,
  });
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) * columns;
  const last = ((items.at(-1)?.index ?? -1) + 1) * columns;
  const wishes = useMemo(() => cases.slice(first, last), [cases, first, last]);
  const thumbnailOf = useThumbnails({ cohortId, side: SIDE, withMask }, wishes);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling frame must be reachable by keyboard
    <section className="contactSheet" ref={frame} aria-label="Contact sheet, scrolls" tabIndex={0}>
      <div ref={ref} style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => (
          <div key={index} className="sheetRow" style={{ transform: `translateY(${start}px)` }}>
            {cases.slice(index * columns, (index + 1) * columns).map((one) => (
              <button
                key={one.caseId}
                type="button"
                className="sheetCase"
                aria-label={`View ${one.caseId}`}
                style={{ width: SIDE }}
                onClick={() => onPick(one.caseId)}
              >
                <ThumbnailImage thumbnail={thumbnailOf(one)} side={SIDE} />
                <span className="frameText">{one.caseId}</span>
              </button>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}
