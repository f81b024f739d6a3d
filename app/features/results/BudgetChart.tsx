import { useElementSize } from "@mantine/hooks";
import { memo, type PointerEvent, useDeferredValue, useMemo, useState } from "react";
import { CartesianGrid, Line, LineChart, XAxis, YAxis } from "recharts";
import type { CurvePoint } from "#core/evaluation/curve.ts";
import { formatCount, formatPercent, formatScore } from "../../ui/format.ts";
import { markerPath, type SeriesStyle } from "../../ui/seriesStyle.ts";
import { type LogAxis, linearTicks, logAxis, roomyTicks } from "../../ui/ticks.ts";
import type { NamedLine } from "./lineLooks.ts";

/** Room around the plot, in pixels: the axes are as wide and as high as this. */
const edge = { left: 58, right: 16, top: 10, bottom: 46 };
/** How near the pointer must be to a point, in pixels. */
const REACH = 28;
const TIP_WIDTH = 260;

/**
 * Mean test IoU over annotated slices, one line per volume fraction and method. Recharts
 * draws axes and lines; the whiskers and the tip under the pointer are ours, because its
 * error bars and tooltip report to a store in effects that render everything once more, and
 * trials end while others train: no task of the page may take 50 ms.
 */
export function BudgetChart({ lines: newest }: { lines: readonly NamedLine[] }) {
  // In a task of its own: tables and findings change at the same moment.
  const lines = useDeferredValue(
    useMemo(() => newest.map(soundOf), [newest]),
    noLines,
  );
  const { ref, width: measured } = useElementSize();
  const width = Math.max(280, measured);
  const plot = useMemo(() => plotOf(lines, width), [lines, width]);
  const [near, setNear] = useState<Placed | null>(null);
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setNear(nearest(plot.points, event.clientX - box.left, event.clientY - box.top));
  };
  return (
    <div
      ref={ref}
      className="chart"
      style={{ position: "relative" }}
      onPointerMove={onPointerMove}
      onPointerLeave={() => setNear(null)}
    >
      <div
        role="img"
        aria-label={`IoU over budget, ${plot.points.length} points; the table below has each`}
      >
        <Drawing plot={plot} />
      </div>
      {near ? <span className="chartRing" style={{ left: near.x, top: near.y }} /> : null}
      {near ? <PointTip placed={near} width={width} /> : null}
    </div>
  );
}

/** Trials that all collapsed have no place in the chart; the table says so. */
function soundOf(line: NamedLine): NamedLine {
  return { ...line, points: line.points.filter(({ repeats }) => repeats > 0) };
}

const noLines: readonly NamedLine[] = [];

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly point: CurvePoint;
  readonly line: NamedLine;
}

/** Where everything stands, in pixels. */
interface Plot {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly { readonly line: NamedLine; readonly placed: readonly Placed[] }[];
  readonly points: readonly Placed[];
  readonly xAxis: LogAxis;
  readonly yTicks: readonly number[];
  readonly y: (iou: number) => number;
}

function plotOf(lines: readonly NamedLine[], width: number): Plot {
  const { xAxis, yTicks } = axesOf(lines);
  const height = Math.min(440, Math.max(280, width * 0.5));
  const [fewest, most] = xAxis.domain.map(Math.log) as [number, number];
  const [low, high] = [yTicks[0] ?? 0, yTicks.at(-1) ?? 1];
  const across = width - edge.left - edge.right;
  const x = (budget: number) =>
    edge.left + (across * (Math.log(budget) - fewest)) / (most - fewest);
  const y = (iou: number) =>
    edge.top + (height - edge.top - edge.bottom) * (1 - (iou - low) / (high - low));
  const placed = lines.map((line) => ({
    line,
    placed: line.points.map((point) => ({ x: x(point.budget), y: y(point.iou), point, line })),
  }));
  const at = xAxis.ticks.map((tick) => ({ tick, at: x(tick) }));
  return {
    width,
    height,
    lines: placed,
    points: placed.flatMap((one) => one.placed),
    xAxis: {
      ...xAxis,
      ticks: roomyTicks(at, ({ tick }) => formatCount(tick)).map(({ tick }) => tick),
    },
    yTicks,
    y,
  };
}

/** Axes with room for every point and its spread. */
export function axesOf(lines: readonly NamedLine[]) {
  const points = lines.flatMap((line) => line.points);
  const low = Math.min(...points.map(({ iou, spread }) => iou - (spread ?? 0)));
  const high = Math.max(...points.map(({ iou, spread }) => iou + (spread ?? 0)));
  const room = Math.max(0.02, 0.1 * (high - low));
  const ticks = linearTicks(Math.max(0, low - room), Math.min(1, high + room), 7);
  return {
    xAxis: logAxis(points.map(({ budget }) => budget)),
    yTicks: points.length === 0 ? linearTicks(0, 1, 5) : ticks,
  };
}

/** The point next to a place, within reach; null for none. */
function nearest(points: readonly Placed[], x: number, y: number): Placed | null {
  let best: Placed | null = null;
  let least = REACH;
  for (const one of points) {
    const distance = Math.hypot(one.x - x, one.y - y);
    if (distance < least) {
      least = distance;
      best = one;
    }
  }
  return best;
}

const Drawing = memo(function Drawing({ plot }: { plot: Plot }) {
  const { width, height, lines, xAxis, yTicks, y } = plot;
  return (
    <LineChart
      width={width}
      height={height}
      margin={{ top: edge.top, right: edge.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid stroke="var(--line)" />
      <XAxis
        type="number"
        dataKey="budget"
        scale="log"
        domain={[...xAxis.domain]}
        ticks={[...xAxis.ticks]}
        interval={0}
        tickFormatter={formatCount}
        height={edge.bottom}
        stroke="var(--line-strong)"
        label={{
          value: "budget, annotated slices (log scale)",
          position: "insideBottom",
          offset: 6,
        }}
      />
      <YAxis
        type="number"
        domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]}
        ticks={[...yTicks]}
        interval={0}
        width={edge.left}
        tickFormatter={(tick: number) => tick.toFixed(2)}
        stroke="var(--line-strong)"
        label={{ value: "test IoU", angle: -90, position: "insideLeft", offset: 8 }}
      />
      {lines.map(({ line: { key, look, points } }) => (
        <Line
          key={key}
          data={[...points]}
          dataKey="iou"
          type="linear"
          stroke={look.colour}
          strokeWidth={2}
          strokeDasharray={look.dash}
          dot={({ key: dotKey, cx = 0, cy = 0, payload }) => (
            <Marker key={dotKey} x={cx} y={cy} look={look} spread={spreadPath(cx, payload, y)} />
          )}
          activeDot={false}
          isAnimationActive={false}
        />
      ))}
    </LineChart>
  );
});

interface MarkerProps {
  readonly x: number;
  readonly y: number;
  readonly look: SeriesStyle;
  readonly spread: string;
}

function Marker({ x, y, look, spread }: MarkerProps) {
  return (
    <g stroke={look.colour} fill="none" strokeDasharray="none">
      <path d={spread} strokeWidth="1.5" />
      <path
        data-testid="curve-point"
        transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
        d={markerPath(look.marker, 5)}
        fill={look.colour}
        stroke="var(--panel)"
        strokeWidth="1"
      />
    </g>
  );
}

/** A bar from IoU - spread to IoU + spread; nothing for one repeat. */
function spreadPath(x: number, { iou, spread }: CurvePoint, y: Plot["y"]): string {
  if (spread === null) return "";
  const [top, bottom] = [y(iou + spread).toFixed(1), y(iou - spread).toFixed(1)];
  const left = (x - 4).toFixed(1);
  return `M${left} ${top}h8M${x.toFixed(1)} ${top}V${bottom}M${left} ${bottom}h8`;
}

function PointTip({ placed: { x, y, point, line }, width }: { placed: Placed; width: number }) {
  const left = Math.max(0, Math.min(width - TIP_WIDTH, x - TIP_WIDTH / 2));
  return (
    <div className="chartTip" style={{ left, top: y + 16, width: TIP_WIDTH }}>
      <p>
        <strong>
          IoU {formatScore(point.iou)}
          {point.spread === null ? "" : ` ± ${formatScore(point.spread)}`}
        </strong>
      </p>
      <p>
        {formatCount(point.budget)} slices: density {formatPercent(point.configuration.density)} of{" "}
        {formatCount(point.volumes)} volumes
      </p>
      <p className="soft">
        {line.label}; {point.repeats} {point.repeats === 1 ? "repeat" : "repeats"}
      </p>
    </div>
  );
}
