/** Every method by the name that results and share links record, with its label. */
export const strategyLabels = {
  fixedInterval: "Fixed interval",
  uniformRandom: "Random",
} as const;
export type StrategyName = keyof typeof strategyLabels;

export const interpolatorLabels = {
  none: "No interpolation",
} as const;
export type InterpolatorName = keyof typeof interpolatorLabels;

export const networkLabels = {
  unet2d: "2D U-Net",
} as const;
export type NetworkName = keyof typeof networkLabels;
