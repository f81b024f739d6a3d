/** Every method by the name that results and share links record, with its label. */
export const strategyLabels = {
  fixedInterval: "Fixed interval",
  fixedIntervalRandomOffset: "Fixed interval, random offset",
  uniformRandom: "Random",
  stratified: "Stratified random",
  unsupervised: "Unsupervised",
  coreset: "Core-set",
  typiclust: "TypiClust",
  probcover: "ProbCover",
  foregroundAware: "Foreground-aware random",
} as const;
export type StrategyName = keyof typeof strategyLabels;

/**
 * What a strategy looks at: the places of slices, what their images show, or the target. One
 * that sees the target is biased: nobody knows it before annotating.
 */
export const strategySight = {
  fixedInterval: "place",
  fixedIntervalRandomOffset: "place",
  uniformRandom: "place",
  stratified: "place",
  unsupervised: "image",
  coreset: "image",
  typiclust: "image",
  probcover: "image",
  foregroundAware: "target",
} as const satisfies Record<StrategyName, "place" | "image" | "target">;

/** Whether slices are picked in each volume alone or over all chosen volumes together. */
export const scopeLabels = {
  volume: "In each volume",
  cohort: "Over all volumes together",
} as const;
export type ScopeName = keyof typeof scopeLabels;

/**
 * Strategies that can pick over all volumes together. The others spread slices along one
 * volume, so they pick in each volume whatever the scope.
 */
export const cohortStrategies: readonly StrategyName[] = [
  "uniformRandom",
  "unsupervised",
  "coreset",
  "typiclust",
  "probcover",
  "foregroundAware",
];

/** Whether a strategy picks over all volumes together under a scope. */
export function isJoint(strategy: StrategyName, scope: ScopeName): boolean {
  return scope === "cohort" && cohortStrategies.includes(strategy);
}

/** What strategies that see images compare slices by. */
export const featureLabels = {
  descriptor: "Downsampled slice",
} as const;
export type FeatureName = keyof typeof featureLabels;

export const interpolatorLabels = {
  none: "No interpolation",
  nearest: "Nearest copy",
  signedDistance: "Signed distance",
  morphological: "Morphological contour",
  opticalFlow: "Optical flow",
  learned: "Learned (Sli2Vol)",
} as const;
export type InterpolatorName = keyof typeof interpolatorLabels;

export const networkLabels = {
  unet2d: "2D U-Net",
  unet3d: "3D U-Net",
  segResNet: "SegResNet",
  attentionUnet: "3D Attention U-Net",
  segFormer: "SegFormer",
  unetr: "UNETR",
} as const;
export type NetworkName = keyof typeof networkLabels;

/** What a network is shown at once: slices one by one, or patches of the volume. */
export const networkDimensions: Record<NetworkName, 2 | 3> = {
  unet2d: 2,
  unet3d: 3,
  segResNet: 3,
  attentionUnet: 3,
  segFormer: 2,
  unetr: 3,
};
