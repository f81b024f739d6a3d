/** Every method by the name that results and share links record, with its label. */
export const strategyLabels = {
  fixedInterval: "Fixed interval",
  fixedIntervalRandomOffset: "Fixed interval, random offset",
  uniformRandom: "Random",
  stratified: "Stratified random",
} as const;
export type StrategyName = keyof typeof strategyLabels;

export const interpolatorLabels = {
  none: "No interpolation",
  nearest: "Nearest copy",
  signedDistance: "Signed distance",
} as const;
export type InterpolatorName = keyof typeof interpolatorLabels;

export const networkLabels = {
  unet2d: "2D U-Net",
  unet3d: "3D U-Net",
} as const;
export type NetworkName = keyof typeof networkLabels;

/** What a network is shown at once: slices one by one, or patches of the volume. */
export const networkDimensions: Record<NetworkName, 2 | 3> = {
  unet2d: 2,
  unet3d: 3,
};
