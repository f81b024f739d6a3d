import { useElementSize } from "@mantine/hooks";
import { memo, type PointerEvent, useMemo, useState } from "react";
import type { CurvePoint } from "#core/evaluation/curve.ts";
import { formatCount, formatPercent, formatScore } from "../../ui/format.ts";
import { markerPath } from "../../ui/seriesStyle.ts";
import { linearTicks, logAxis, roomyTicks } from "../../ui/ticks.ts";
import type { NamedLine } from "./lineLooks.ts";

const edge = { left: 58, right: 16, top: 10, bottom: 46 };
/** How near the pointer must be to a point, in pixels. */
const REACH = 28;
const TIP_WIDTH = 260;

/**
 * Mean test IoU over annotated slices, one line per volume fraction and method. Drawn by
 * hand: trials end while others train, and a chart component kept the page busy for 40 to
 * 85 ms each time.
 */
export function BudgetChart({ lines }: { lines: readonly NamedLine[] }) {
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
      <svg
        width={width}
        height={plot.height}
        role="img"
        aria-label={`IoU over budget, ${plot.points.length} points; the table below has each`}
        style={{ display: "block" }}
      >
        <Axes plot={plot} />
        <Lines plot={plot} />
        {near ? <circle cx={near.x} cy={near.y} r="9" fill="none" stroke="var(--ink)" /> : null}
      </svg>
      {near ? <PointTip placed={near} width={width} /> : null}
    </div>
  );
}

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
  readonly xTicks: readonly { readonly tick: number; readonly at: number }[];
  readonly yTicks: readonly { readonly tick: number; readonly at: number }[];
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
    xTicks: roomyTicks(at, ({ tick }) => formatCount(tick)),
    yTicks: yTicks.map((tick) => ({ tick, at: y(tick) })),
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

const Axes = memo(function Axes({ plot }: { plot: Plot }) {
  const { width, height, xTicks, yTicks } = plot;
  const bottom = height - edge.bottom;
  const middle = (edge.top + bottom) / 2;
  return (
    <>
      {yTicks.map(({ tick, at }) => (
        <g key={tick}>
          <path d={`M${edge.left} ${at}H${width - edge.right}`} stroke="var(--line)" />
          <text x={edge.left - 8} y={at} dy="0.32em" textAnchor="end">
            {tick.toFixed(2)}
          </text>
        </g>
      ))}
      {xTicks.map(({ tick, at }) => (
        <g key={tick}>
          <path d={`M${at} ${edge.top}V${bottom}`} stroke="var(--line)" />
          <text x={at} y={bottom + 18} textAnchor="middle">
            {formatCount(tick)}
          </text>
        </g>
      ))}
      <path
        d={`M${edge.left} ${edge.top}V${bottom}H${width - edge.right}`}
        fill="none"
        stroke="var(--line-strong)"
      />
      <text x={(edge.left + width - edge.right) / 2} y={height - 6} textAnchor="middle">
        budget, annotated slices (log scale)
      </text>
      <text transform={`translate(13 ${middle}) rotate(-90)`} textAnchor="middle">
        test IoU
      </text>
    </>
  );
});

const Lines = memo(function Lines({ plot: { lines, y } }: { plot: Plot }) {
  return lines.map(({ line: { key, look }, placed }) => (
    <g key={key} stroke={look.colour} fill="none">
      <path
        d={placed
          .map(({ x, y: at }, k) => `${k ? "L" : "M"}${x.toFixed(1)} ${at.toFixed(1)}`)
          .join("")}
        strokeWidth="2"
        strokeDasharray={look.dash}
      />
      <path d={placed.map(({ x, point }) => spreadPath(x, point, y)).join("")} strokeWidth="1.5" />
      {placed.map(({ x, y: at, point }) => (
        <path
          key={point.configuration.density}
          data-testid="curve-point"
          transform={`translate(${x.toFixed(1)} ${at.toFixed(1)})`}
          d={markerPath(look.marker, 5)}
          fill={look.colour}
          stroke="var(--panel)"
        />
      ))}
    </g>
  ));
});

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
