import { interpolatorLabels, networkLabels, strategyLabels } from "#core/experiment/methods.ts";
import type { Configuration } from "#core/experiment/trial.ts";
import type { Column } from "./DataTable.tsx";
import { formatFraction, formatPercent } from "./format.ts";

interface Configured {
  readonly configuration: Configuration;
}

type Field = "network" | "density" | "volumeFraction" | "strategy" | "interpolator";

/**
 * Columns that say which configuration a row is about, in the order asked for. The one of
 * interpolators is left out where no row interpolates, that of networks where all are of one.
 */
export function configurationColumns<R extends Configured>(
  fields: readonly Field[],
  rows: readonly R[],
): Column<R>[] {
  const interpolates = rows.some(({ configuration }) => configuration.interpolator !== "none");
  const networks = new Set(rows.map(({ configuration }) => configuration.network));
  return fields
    .filter((field) => field !== "network" || networks.size > 1)
    .filter((field) => field !== "interpolator" || interpolates)
    .map((field) => columns[field]);
}

const columns: Readonly<Record<Field, Column<Configured>>> = {
  network: {
    key: "network",
    head: "Network",
    term: "network",
    cell: ({ configuration }) => networkLabels[configuration.network],
    sort: ({ configuration }) => configuration.network,
  },
  density: {
    key: "density",
    head: "Density",
    term: "density",
    isNumber: true,
    cell: ({ configuration }) => formatPercent(configuration.density),
    sort: ({ configuration }) => configuration.density,
  },
  volumeFraction: {
    key: "volumeFraction",
    head: "Volume fraction",
    term: "volumeFraction",
    cell: ({ configuration }) => formatFraction(configuration.volumeFraction),
    sort: ({ configuration }) => configuration.volumeFraction,
  },
  strategy: {
    key: "strategy",
    head: "Strategy",
    term: "strategy",
    cell: ({ configuration }) => strategyLabels[configuration.strategy],
    sort: ({ configuration }) => configuration.strategy,
  },
  interpolator: {
    key: "interpolator",
    head: "Interpolation",
    term: "interpolation",
    cell: ({ configuration }) => interpolatorLabels[configuration.interpolator],
    sort: ({ configuration }) => configuration.interpolator,
  },
};
