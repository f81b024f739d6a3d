import { markerPath, type SeriesStyle } from "./seriesStyle.ts";

/** The line of a legend: dash, marker and colour as the chart draws them. */
export function SeriesMark({ look }: { look: SeriesStyle }) {
  return (
    <svg width="40" height="14" viewBox="-20 -7 40 14" aria-hidden="true">
      <path d="M-19 0H19" stroke={look.colour} strokeWidth="2" strokeDasharray={look.dash} />
      <path d={markerPath(look.marker, 4.5)} fill={look.colour} stroke="var(--panel)" />
    </svg>
  );
}
