/** How one line of a chart looks: three signs that tell it apart without colour. */
export interface SeriesStyle {
  readonly colour: string;
  /** stroke-dasharray */
  readonly dash: string;
  readonly marker: MarkerShape;
}

export const markerShapes = ["circle", "square", "diamond", "triangle", "cross", "star"] as const;
export type MarkerShape = (typeof markerShapes)[number];

const dashes = ["none", "7 4", "2 3", "10 3 2 3", "14 4", "4 2 1 2"];

/** The look of the line with this index; looks repeat after 36 lines. */
export function seriesStyle(index: number): SeriesStyle {
  const turn = Math.floor(index / markerShapes.length);
  return {
    colour: `var(--series-${(index % 6) + 1})`,
    dash: dashes[(index + turn) % dashes.length] ?? "none",
    marker: markerShapes[(index + turn) % markerShapes.length] ?? "circle",
  };
}

/** SVG path of a marker around (0, 0) that fits a circle of this radius. */
export function markerPath(shape: MarkerShape, radius: number): string {
  const r = radius;
  const paths: Record<MarkerShape, string> = {
    circle: `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
    square: `M${-0.85 * r} ${-0.85 * r}h${1.7 * r}v${1.7 * r}h${-1.7 * r}z`,
    diamond: `M0 ${-1.2 * r}L${1.2 * r} 0L0 ${1.2 * r}L${-1.2 * r} 0z`,
    triangle: `M0 ${-1.15 * r}L${1.1 * r} ${0.85 * r}H${-1.1 * r}z`,
    cross: crossPath(r),
    star: starPath(1.25 * r),
  };
  return paths[shape];
}

function crossPath(r: number): string {
  const a = 0.4 * r;
  const b = 1.1 * r;
  const c = b - a;
  return `M${-a} ${-b}h${2 * a}v${c}h${c}v${2 * a}h${-c}v${c}h${-2 * a}v${-c}h${-c}v${-2 * a}h${c}z`;
}

function starPath(r: number): string {
  const points = Array.from({ length: 10 }, (_, index) => {
    const radius = index % 2 === 0 ? r : 0.45 * r;
    const angle = (index / 10) * 2 * Math.PI - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  });
  return `M${points.join("L")}z`;
}
