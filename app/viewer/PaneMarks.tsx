import { type EdgeLetters, edgeLetters, type PlaneAxes, pointOfVoxel } from "#core/view/planes.ts";
import type { Grid } from "#core/volume/grid.ts";
import { seriesStyle } from "../ui/seriesStyle.ts";
import type { ChosenSlices } from "./caseView.ts";
import { type PaneSize, type Projection, toPane } from "./projection.ts";
import type { ViewState } from "./viewState.ts";

interface PaneMarksProps {
  readonly grid: Grid;
  readonly axes: PlaneAxes;
  readonly size: PaneSize;
  readonly projection: Projection;
  readonly state: ViewState;
  readonly chosen: readonly ChosenSlices[];
}

/** What is drawn over a slice: letters at its edges, crosshair, chosen slices. */
export function PaneMarks({ grid, axes, size, projection, state, chosen }: PaneMarksProps) {
  const { width, height } = size;
  if (width === 0 || height === 0) return null;
  const [x, y] = toPane(projection, pointOfVoxel(grid, axes, state.at));
  return (
    <svg className="paneMarks" width={width} height={height} aria-hidden="true">
      {axes.fixed === 0
        ? null
        : chosen.map((one) => (
            <SliceLines key={one.key} one={one} grid={grid} axes={axes} projection={projection} />
          ))}
      {state.showsCrosshair ? (
        <g className="crosshair">
          <path d={`M0 ${y}H${x - GAP}M${x + GAP} ${y}H${width}`} data-testid="crosshair-across" />
          <path d={`M${x} 0V${y - GAP}M${x} ${y + GAP}V${height}`} data-testid="crosshair-down" />
        </g>
      ) : null}
      <Letters letters={edgeLetters(grid.affine, axes)} size={size} />
    </svg>
  );
}

/** Half of what the crosshair leaves free in its middle, pixels. */
const GAP = 8;

interface SliceLinesProps {
  readonly one: ChosenSlices;
  readonly grid: Grid;
  readonly axes: PlaneAxes;
  readonly projection: Projection;
}

/** Chosen slices as they cross another plane. */
function SliceLines({ one, grid, axes, projection }: SliceLinesProps) {
  const look = seriesStyle(one.look);
  const ends = [0, 1].map((end) => {
    const voxel: [number, number, number] = [0, 0, 0];
    voxel[axes.across] = end * (grid.shape[axes.across] - 1);
    voxel[axes.down] = end * (grid.shape[axes.down] - 1);
    return voxel;
  }) as [[number, number, number], [number, number, number]];
  return (
    <g stroke={look.colour} strokeDasharray={look.dash} className="sliceLines">
      {one.slices.map((slice) => {
        // Depth runs down or across this plane; the line runs along the other axis.
        const [from, to] = ends.map(([, height, width]) =>
          toPane(projection, pointOfVoxel(grid, axes, [slice, height, width])),
        ) as [readonly [number, number], readonly [number, number]];
        return (
          <line
            key={slice}
            x1={from[0]}
            y1={from[1]}
            x2={to[0]}
            y2={to[1]}
            data-testid="slice-line"
            data-strategy={one.key}
            data-slice={slice}
          />
        );
      })}
    </g>
  );
}

function Letters({ letters, size }: { letters: EdgeLetters; size: PaneSize }) {
  const { width, height } = size;
  const places = [
    { name: "left", x: 6, y: height / 2, anchor: "start" },
    { name: "right", x: width - 6, y: height / 2, anchor: "end" },
    { name: "top", x: width / 2, y: 14, anchor: "middle" },
    { name: "bottom", x: width / 2, y: height - 6, anchor: "middle" },
  ] as const;
  return places.map(({ name, x, y, anchor }) => (
    <text key={name} x={x} y={y} textAnchor={anchor} data-testid={`letter-${name}`}>
      {letters[name]}
    </text>
  ));
}
