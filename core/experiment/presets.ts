import type { Experiment } from "./experiment.ts";

/** The paper's grid: 5 densities by 4 volume fractions (Zhang et al. 2025, section 3). */
export const paperDensities = [0.05, 0.1, 0.2, 0.4, 0.8] as const;
export const paperVolumeFractions = [0.125, 0.25, 0.5, 1] as const;

type Preset = Pick<Experiment, "iterations" | "batchSize" | "repeats" | "networkSize">;

/** Training effort in three sizes; `paper` follows the paper's 2D recipes in steps and batch. */
export const presets = {
  quick: { iterations: 100, batchSize: 8, repeats: 1, networkSize: "XS" },
  standard: { iterations: 400, batchSize: 8, repeats: 3, networkSize: "XS" },
  paper: { iterations: 12_000, batchSize: 16, repeats: 3, networkSize: "M" },
} as const satisfies Record<string, Preset>;
export type PresetName = keyof typeof presets;

export const presetLabels: Record<PresetName, string> = {
  quick: "Quick",
  standard: "Standard",
  paper: "Paper",
};
