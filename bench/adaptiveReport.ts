import { quantile } from "#core/evaluation/statistics.ts";
import { type Replay, replay } from "./adaptiveReplay.ts";
import { settings } from "./regret.ts";
import { simulatedGrid } from "./simulatedGrid.ts";
import { pool, truths } from "./simulatedSurfaces.ts";

const REPEATS = 6;
const NOISE = 0.015;

/** How many trials an adaptive run needs, as a page, the same for the same program. */
export function adaptiveReport(simulations: number): string {
  const rows = Object.keys(truths).flatMap((truth) =>
    Object.entries(settings).map(([name, { unit, budgets, cost }]) => {
      const budget = budgets[Math.floor(budgets.length / 2)] as number;
      const replays = Array.from({ length: simulations }, (_, seed) =>
        replay(simulatedGrid(truth, seed, REPEATS, NOISE), { pool, budget, unit, cost }, seed),
      );
      return `| ${[truth, `${budget} ${name}`, ...cellsOf(replays)].join(" | ")} |`;
    }),
  );
  return `# How many trials an adaptive run needs

Stored full grids (20 configurations, ${REPEATS} trials each) are replayed: the adaptive run asks for a trial and is given the
stored score. Its recommendation is then compared with that of the whole grid, on the whole grid's surface: the loss is
the IoU by which it falls short. The grids are simulated, with a noise of ${NOISE} per trial and
as much again per repeat.

\`\`\`sh
node scripts/reproduce.mjs adaptive
\`\`\`

| truth | budget | trials, median | trials, most | within 0.005 IoU | loss, worst | settled |
|---|---|---|---|---|---|---|
${rows.join("\n")}

Trials are shares of the grid; an adaptive run stops at half of it, settled or not. ${simulations} grids per row.
`;
}

function cellsOf(replays: readonly Replay[]): string[] {
  const shares = replays.map(({ share }) => share).sort((a, b) => a - b);
  const close = replays.filter(({ loss }) => loss <= 0.005).length;
  const settled = replays.filter(({ state }) => state === "settled").length;
  const percent = (value: number) => `${Math.round(100 * value)} %`;
  return [
    percent(quantile(shares, 0.5)),
    percent(shares.at(-1) ?? 0),
    `${close} of ${replays.length}`,
    Math.max(...replays.map(({ loss }) => loss)).toFixed(4),
    `${settled} of ${replays.length}`,
  ];
}
