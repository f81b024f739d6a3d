import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { CartesianGrid, ErrorBar, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from "recharts";
import type { CurvePoint } from "#core/evaluation/curve.ts";
import { formatCount, formatPercent, formatScore } from "../../ui/format.ts";
import { markerPath, type SeriesStyle } from "../../ui/seriesStyle.ts";
import { linearTicks, logAxis } from "../../ui/ticks.ts";
import type { NamedLine } from "./lineLooks.ts";

/** A point as the chart draws it. */
interface Mark extends CurvePoint {
  readonly label: string;
}

/** Mean test IoU over annotated slices, one line per volume fraction and method. */
export function BudgetChart({ lines }: { lines: readonly NamedLine[] }) {
  const { ref, width: measured } = useElementSize();
  const width = Math.max(280, measured);
  const { xAxis, yTicks } = useMemo(() => axesOf(lines), [lines]);
  const series = useMemo(() => lines.map(seriesOf), [lines]);
  return (
    <div ref={ref} className="chart">
      <ScatterChart
        width={width}
        height={Math.min(440, Math.max(280, width * 0.5))}
        margin={{ top: 8, right: 16, bottom: 22, left: 6 }}
      >
        <CartesianGrid stroke="var(--line)" />
        <XAxis
          type="number"
          dataKey="budget"
          name="Budget"
          scale="log"
          domain={[...xAxis.domain]}
          ticks={[...xAxis.ticks]}
          tickFormatter={formatCount}
          stroke="var(--line-strong)"
          label={{ value: "budget, annotated slices (log scale)", position: "bottom", offset: 4 }}
        />
        <YAxis
          type="number"
          dataKey="iou"
          name="IoU"
          domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]}
          ticks={[...yTicks]}
          width={62}
          tickFormatter={(tick: number) => tick.toFixed(2)}
          stroke="var(--line-strong)"
          label={{ value: "test IoU", angle: -90, position: "insideLeft", offset: 8 }}
        />
        <Tooltip content={PointTip} cursor={false} isAnimationActive={false} />
        {series.map(({ key, label, look, marks }) => (
          <Scatter
            key={key}
            name={label}
            data={marks}
            line={{ stroke: look.colour, strokeWidth: 2, strokeDasharray: look.dash }}
            fill={look.colour}
            shape={({ cx = 0, cy = 0 }) => <Marker cx={cx} cy={cy} look={look} />}
            isAnimationActive={false}
          >
            <ErrorBar
              dataKey={spreadOf}
              direction="y"
              width={5}
              stroke={look.colour}
              strokeWidth={1.5}
              isAnimationActive={false}
            />
          </Scatter>
        ))}
      </ScatterChart>
    </div>
  );
}

function seriesOf({ key, label, look, points }: NamedLine) {
  return { key, label, look, marks: points.map((point): Mark => ({ ...point, label })) };
}

function spreadOf(mark: Mark): number {
  return mark.spread ?? 0;
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

function Marker({ cx, cy, look }: { cx: number; cy: number; look: SeriesStyle }) {
  return (
    <path
      data-testid="curve-point"
      transform={`translate(${cx} ${cy})`}
      d={markerPath(look.marker, 5)}
      fill={look.colour}
      stroke="var(--panel)"
    />
  );
}

interface TipProps {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: unknown }[];
}

function PointTip({ active, payload }: TipProps) {
  const mark = payload?.[0]?.payload as Mark | undefined;
  if (!active || !mark) return null;
  return (
    <div className="chartTip">
      <p>
        <strong>
          IoU {formatScore(mark.iou)}
          {mark.spread === null ? "" : ` ± ${formatScore(mark.spread)}`}
        </strong>
      </p>
      <p>
        {formatCount(mark.budget)} slices: density {formatPercent(mark.configuration.density)} of{" "}
        {formatCount(mark.volumes)} volumes
      </p>
      <p className="soft">
        {mark.label}; {mark.repeats} {mark.repeats === 1 ? "repeat" : "repeats"}
      </p>
    </div>
  );
}
