import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useMemo } from "react";
import type { MappedSlice } from "./mappedSlices.ts";

interface SliceMapProps {
  readonly slices: readonly MappedSlice[];
  readonly shown: MappedSlice | null;
  readonly onShow: (slice: MappedSlice) => void;
}

const HEIGHT = 340;
const EDGE = 14;
/** How far from a point one may point, pixels. */
const REACH = 24;

/** Points of all slices; picked ones are filled squares. The table beside it says the same. */
export function SliceMap({ slices, shown, onShow }: SliceMapProps) {
  const { ref, width: measured } = useElementSize();
  const width = Math.max(240, measured);
  const points = useMemo(() => placed(slices, width), [slices, width]);
  const path = useMemo(() => {
    const dots = (isPicked: boolean, mark: (x: number, y: number) => string) =>
      points
        .filter(({ slice }) => slice.isPicked === isPicked)
        .map(({ x, y }) => mark(x, y))
        .join("");
    return {
      // One path for all points: thousands of elements would hold the page.
      rest: dots(
        false,
        (x, y) => `M${(x - 2).toFixed(1)} ${y.toFixed(1)}a2 2 0 1 0 4 0a2 2 0 1 0-4 0`,
      ),
      picked: dots(true, (x, y) => `M${(x - 4.5).toFixed(1)} ${(y - 4.5).toFixed(1)}h9v9h-9z`),
    };
  }, [points]);
  const point = ({ clientX, clientY, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const { left, top } = currentTarget.getBoundingClientRect();
    const found = nearest(points, clientX - left, clientY - top);
    if (found) onShow(found);
  };
  const ring = points.find(({ slice }) => slice.key === shown?.key);
  const count = slices.filter(({ isPicked }) => isPicked).length;
  return (
    <div ref={ref} className="chart">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Map of ${slices.length} slices, ${count} of them picked; the table lists them`}
        style={{ display: "block", cursor: "crosshair" }}
        onPointerMove={point}
        onPointerDown={point}
      >
        <path d={path.rest} fill="var(--line-strong)" fillOpacity="0.6" />
        <path d={path.picked} fill="var(--series-1)" stroke="var(--panel)" strokeWidth="1" />
        {ring ? (
          <circle cx={ring.x} cy={ring.y} r="9" fill="none" stroke="var(--ink)" strokeWidth="1.5" />
        ) : null}
      </svg>
    </div>
  );
}

interface Point {
  readonly slice: MappedSlice;
  readonly x: number;
  readonly y: number;
}

/** One scale on both axes: distances mean the same in every direction. */
function placed(slices: readonly MappedSlice[], width: number): Point[] {
  const range = (of: (slice: MappedSlice) => number) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const slice of slices) {
      low = Math.min(low, of(slice));
      high = Math.max(high, of(slice));
    }
    return { middle: (low + high) / 2, span: Math.max(high - low, 1e-9) };
  };
  const across = range(({ x }) => x);
  const up = range(({ y }) => y);
  const scale = Math.min((width - 2 * EDGE) / across.span, (HEIGHT - 2 * EDGE) / up.span);
  return slices.map((slice) => ({
    slice,
    x: width / 2 + (slice.x - across.middle) * scale,
    y: HEIGHT / 2 - (slice.y - up.middle) * scale,
  }));
}

function nearest(points: readonly Point[], x: number, y: number): MappedSlice | null {
  let best: Point | null = null;
  let bestDistance = REACH;
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance < bestDistance) {
      best = point;
      bestDistance = distance;
    }
  }
  return best?.slice ?? null;
}
