/** The words of this product, as the page explains them; `docs/glossary.md` has the same texts. */
export const glossary = {
  case: {
    title: "Case",
    text: "One volume together with its reference mask. A patient can have several cases.",
  },
  volume: { title: "Volume", text: "One 3D scan on a regular grid: a stack of slices." },
  slice: { title: "Slice", text: "One plane of a volume, the unit people annotate." },
  spacing: { title: "Spacing", text: "Edge lengths of a voxel in mm: depth, height, width." },
  orientation: {
    title: "Orientation",
    text: "Directions in which the stored axes point: L or R, A or P, S or I. LAS means towards left, anterior, superior.",
  },
  foreground: {
    title: "Foreground",
    text: "Voxels that carry any label; background is 0. Its share is their number over all voxels of the case.",
  },
  target: {
    title: "Target",
    text: "What to segment: one class or several, each of them labels that count as one. All other labels count as background.",
  },
  split: {
    title: "Split",
    text: "Which cases train, which validate and which test. It is the same for every configuration, and all cases of a patient stand on one side.",
  },
  trainingPool: {
    title: "Training pool",
    text: "Cases whose volumes may be annotated and trained on. A volume fraction is a share of this pool.",
  },
  density: {
    title: "Density",
    text: "Annotated slices over all slices of an annotated volume, above 0 and at most 100 %.",
  },
  volumeFraction: {
    title: "Volume fraction",
    text: "Annotated volumes over all volumes of the training pool.",
  },
  budget: {
    title: "Budget",
    text: "Annotated slices in all: the sum of the slices per volume over the annotated volumes.",
  },
  strategy: {
    title: "Strategy",
    text: "How slices are picked. It sees images and never a mask, unless it is named biased.",
  },
  unsupervised: {
    title: "Unsupervised strategy",
    text: "Picks slices by what they look like, before anything is annotated: slices that stand for all others, or that lie far apart.",
  },
  biased: {
    title: "Biased strategy",
    text: "Picks with knowledge of the target, which nobody has before annotating. A comparator, not a plan.",
  },
  scope: {
    title: "Scope",
    text: "Whether slices are picked in each volume alone, the same share of each, or over all chosen volumes together, as many in all.",
  },
  quota: {
    title: "Quota",
    text: "The fewest and the most slices a volume may get when slices are picked over all volumes together, as multiples of what it would get alone.",
  },
  network: {
    title: "Network",
    text: "The model that is trained. A 2D network sees one slice at a time, a 3D network a block of the volume.",
  },
  coverage: {
    title: "Coverage",
    text: "How far a slice is, in features, from the nearest picked one: the mean over slices, and the farthest. Smaller is better.",
  },
  gap: {
    title: "Gap",
    text: "Distance along a volume between neighbouring picked slices; the largest also counts the way to the ends.",
  },
  redundancy: {
    title: "Redundancy",
    text: "Mean cosine similarity of a picked slice to the most similar other one. Near 1, people would annotate the same twice.",
  },
  withTarget: {
    title: "With target",
    text: "Share of picked slices that show the target, where masks are known. No unbiased strategy sees it.",
  },
  map: {
    title: "Map of slices",
    text: "Two numbers per slice that keep alike slices close: leading principal axes, or UMAP, which keeps neighbours together and lets far distances go.",
  },
  interpolation: {
    title: "Interpolation",
    text: "Filling the masks between annotated slices before training. It costs no budget; test cases are never filled.",
  },
  interpolator: {
    title: "Interpolator",
    text: "How masks between annotated slices are filled before training.",
  },
  configuration: {
    title: "Configuration",
    text: "Everything that defines a model except its seed: network, density, volume fraction, strategy, interpolator.",
  },
  repeat: {
    title: "Repeat",
    text: "The same configuration with another seed: other volumes, slices, starting weights and batches.",
  },
  trial: { title: "Trial", text: "One configuration with one seed: one training run." },
  experiment: {
    title: "Experiment",
    text: "The configurations and repeats that are compared with each other.",
  },
  recipe: {
    title: "Recipe",
    text: "Loss, optimiser, learning rate, augmentations and sampling of a training. The paper has one for each target and network; smaller sizes shorten it and say what they change.",
  },
  augmentation: {
    title: "Augmentation",
    text: "Random changes of training images: brightness, shape, direction. Masks change with them; what comes from outside the image counts as unannotated.",
  },
  iterations: { title: "Iterations", text: "Optimiser steps of one trial." },
  patch: {
    title: "Patch",
    text: "Size of what a network trains on: crops of slices in pixels for a 2D network, blocks of the volume in voxels for a 3D one. Auto takes the smallest multiple of 16 that holds every slice, at most 128, or every volume, at most 48.",
  },
  iou: {
    title: "IoU",
    text: "Intersection over union of predicted and reference mask in a test volume: 0 is no overlap, 1 is perfect. A trial's IoU is the mean over its test cases.",
  },
  collapsed: {
    title: "Collapsed",
    text: "A trial whose network found no foreground in any validation case. It is kept and counted, but is in no mean.",
  },
  spread: {
    title: "Spread",
    text: "Sample standard deviation of the IoU over repeats. One repeat has none.",
  },
  interval: {
    title: "Interval",
    text: "Where the true value would lie in 95 of 100 repetitions, by redrawing test cases and repeats.",
  },
  adjustedP: {
    title: "Adjusted p",
    text: "How probable so large a difference is by chance, made larger for the number of comparisons (Holm). Below 0.05 counts as significant.",
  },
  learningSurface: {
    title: "Learning surface",
    text: "The IoU as a smooth function of volumes and slices per volume, fitted to the finished trials.",
  },
  confidence: {
    title: "Confidence",
    text: "How often the plan beats its runner-up on surfaces fitted to redrawn trials.",
  },
  loss: {
    title: "Loss",
    text: "What training lowers, over annotated slices only: cross entropy, Dice, focal loss or a sum of them.",
  },
  calibration: {
    title: "Calibration",
    text: "A few training steps and predictions on this device, measured before a run, from which times are estimated.",
  },
  webgpu: {
    title: "WebGPU",
    text: "The browser's way to compute on the graphics processor.",
  },
} as const satisfies Record<string, { readonly title: string; readonly text: string }>;

export type TermName = keyof typeof glossary;
