import { useElementSize } from "@mantine/hooks";
import type { SlicesOfVolume } from "#workers/protocol.ts";
import { linearTicks } from "../../ui/ticks.ts";

interface SliceAxisProps {
  readonly volume: SlicesOfVolume;
  readonly picks: readonly number[];
}

const HEIGHT = 44;
const EDGE = 16;
const LINE = 20;

/** Every slice of a volume as a tick on its axis in mm; picked ones are long and thick. */
export function SliceAxis({ volume, picks }: SliceAxisProps) {
  const { depth, spacingMm, hasTarget } = volume;
  const { ref, width: measured } = useElementSize();
  const width = Math.max(220, measured);
  const length = Math.max(spacingMm, (depth - 1) * spacingMm);
  const x = (mm: number) => EDGE + (mm / length) * (width - 2 * EDGE);
  const ticks = linearTicks(0, length, width < 420 ? 4 : 8).filter((mm) => mm <= length);
  const slices = Array.from({ length: depth }, (_, z) => z);
  const path = (list: readonly number[], up: number, down: number) =>
    list.map((z) => `M${x(z * spacingMm).toFixed(1)} ${LINE - up}v${up + down}`).join("");
  const places = picks.map((z) => Number((z * spacingMm).toFixed(1))).join(", ");
  return (
    <div ref={ref} className="chart">
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${picks.length} of ${depth} slices picked, at ${places || "none"} mm`}
        style={{ display: "block" }}
      >
        {hasTarget ? (
          <path
            d={path(
              slices.filter((z) => hasTarget[z]),
              0,
              7,
            )}
            stroke="var(--series-2)"
            strokeWidth="2"
          />
        ) : null}
        <path d={path(slices, 4, 0)} stroke="var(--line-strong)" strokeWidth="1" />
        <path d={`M${EDGE} ${LINE}H${width - EDGE}`} stroke="var(--line-strong)" />
        <path d={path(picks, 16, 0)} stroke="var(--series-1)" strokeWidth="3" />
        {ticks.map((mm) => (
          <text key={mm} x={x(mm)} y={HEIGHT - 3} textAnchor="middle">
            {mm}
          </text>
        ))}
      </svg>
    </div>
  );
}
