import { useElementSize } from "@mantine/hooks";
import { linearTicks } from "../../ui/ticks.ts";

interface LossCurveProps {
  readonly losses: readonly (readonly [step: number, loss: number])[];
  /** Steps of the whole trial: the end of the axis. */
  readonly steps: number;
}

const HEIGHT = 220;
const edge = { left: 46, right: 12, top: 10, bottom: 34 };

/**
 * The loss of the trial under way. Drawn by hand: it changes several times a second while
 * a trial trains, and one path costs the page a tenth of what a chart component does.
 */
export function LossCurve({ losses, steps: planned }: LossCurveProps) {
  const { ref, width: measured } = useElementSize();
  const width = Math.max(240, measured);
  const steps = Math.max(planned, losses.at(-1)?.[0] ?? 1);
  const highest = Math.max(0.1, ...losses.map(([, loss]) => loss));
  const yTicks = linearTicks(0, highest, 4);
  const top = yTicks.at(-1) ?? 1;
  const xTicks = linearTicks(0, steps, width < 420 ? 3 : 6).filter((tick) => tick <= steps);
  const x = (step: number) => edge.left + (step / steps) * (width - edge.left - edge.right);
  const y = (loss: number) => edge.top + (1 - loss / top) * (HEIGHT - edge.top - edge.bottom);
  const path = losses
    .map(([step, loss], index) => `${index ? "L" : "M"}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`)
    .join("");
  const last = losses.at(-1);
  return (
    <figure style={{ margin: 0 }}>
      <div ref={ref} className="chart">
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={last ? `Loss ${last[1].toFixed(3)} at step ${last[0]}` : "Loss, no step yet"}
          style={{ display: "block" }}
        >
          {yTicks.map((tick) => (
            <g key={tick}>
              <path d={`M${edge.left} ${y(tick)}H${width - edge.right}`} stroke="var(--line)" />
              <text x={edge.left - 8} y={y(tick)} dy="0.32em" textAnchor="end">
                {tick}
              </text>
            </g>
          ))}
          {xTicks.map((tick) => (
            <text key={tick} x={x(tick)} y={HEIGHT - edge.bottom + 16} textAnchor="middle">
              {tick}
            </text>
          ))}
          <text x={(edge.left + width) / 2} y={HEIGHT - 2} textAnchor="middle">
            step
          </text>
          <path d={path} fill="none" stroke="var(--series-1)" strokeWidth="1.75" />
          {last ? <circle cx={x(last[0])} cy={y(last[1])} r="3.5" fill="var(--series-1)" /> : null}
        </svg>
      </div>
      <LossTable losses={losses} />
    </figure>
  );
}

/** About twelve points of the curve as text. */
function LossTable({ losses }: Pick<LossCurveProps, "losses">) {
  const stride = Math.max(1, Math.ceil(losses.length / 12));
  const shown = losses.filter((_, index) => index % stride === 0 || index === losses.length - 1);
  return (
    <details>
      <summary className="soft">Loss as a table</summary>
      <div className="tableScroll" style={{ maxHeight: "14rem", maxWidth: "20rem" }}>
        <table aria-label="Loss by step" style={{ width: "100%" }}>
          <thead>
            <tr>
              <th scope="col" className="number">
                Step
              </th>
              <th scope="col" className="number">
                Loss
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(([step, loss]) => (
              <tr key={step}>
                <td className="number">{step}</td>
                <td className="number">{loss.toFixed(4)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
