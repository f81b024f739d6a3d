import { PlannerError } from "#core/errors.ts";
import type { Weights } from "#nn/engine.ts";
import { type UnetOptions, unet } from "#nn/networks/unet.ts";
import type { Network } from "#nn/ops.ts";

/**
 * A training job made of formulas, so that every engine trains the same network from the
 * same weights on the same batch and must report the same losses.
 */
export interface UnetSpec {
  readonly workload: "unet2d" | "unet3d";
  /** Places along every spatial axis. */
  readonly size: number;
  readonly batch: number;
  /** Channels at full resolution. */
  readonly base: number;
  /** Resolutions. */
  readonly depth: number;
  readonly classes: number;
  readonly norm: UnetOptions["norm"];
}

export const defaultSpecs: Record<UnetSpec["workload"], UnetSpec> = {
  unet2d: { workload: "unet2d", size: 64, batch: 4, base: 8, depth: 4, classes: 2, norm: "none" },
  unet3d: { workload: "unet3d", size: 16, batch: 1, base: 8, depth: 3, classes: 2, norm: "none" },
};

/** Adam as every engine of the comparison uses it. */
export const benchAdam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Everything an engine needs to run the job. */
export interface UnetWorkload {
  readonly network: Network;
  readonly input: readonly number[];
  readonly weights: Weights;
  readonly images: Float32Array;
  readonly classes: Uint8Array;
  /** Of the convolutions in one training step, 2 per multiply-add. */
  readonly flopsPerStep: number;
}

/**
 * The job a spec describes.
 *
 * @throws PlannerError "argument" when the size does not halve `depth - 1` times
 */
export function unetWorkload(spec: UnetSpec): UnetWorkload {
  const { size, batch, base, depth, classes, norm } = spec;
  if (size % 2 ** (depth - 1) !== 0) {
    throw new PlannerError(
      "argument",
      `size must be a multiple of ${2 ** (depth - 1)}, got ${size}`,
    );
  }
  const dimensions = spec.workload === "unet2d" ? 2 : 3;
  const places = new Array<number>(dimensions).fill(size);
  return {
    network: unet({ classes, width: base, levels: depth, norm }),
    input: [batch, ...places, 1],
    weights: formulaWeights(spec, dimensions),
    ...formulaBatch(spec, dimensions),
    flopsPerStep: flopsOf(spec, dimensions),
  };
}

interface Layer {
  readonly name: string;
  readonly level: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly size: number;
}

/** Convolutions in the order in which the formula numbers them. */
function layersOf({ base, depth, classes }: UnetSpec): Layer[] {
  const channels = (level: number) => base * 2 ** level;
  const pair = (name: string, level: number, inChannels: number): Layer[] => [
    { name: `${name}.a`, level, inChannels, outChannels: channels(level), size: 3 },
    {
      name: `${name}.b`,
      level,
      inChannels: channels(level),
      outChannels: channels(level),
      size: 3,
    },
  ];
  const levels = Array.from({ length: depth }, (_, level) => level);
  return [
    ...levels.flatMap((level) => pair(`down${level}`, level, level ? channels(level - 1) : 1)),
    ...levels
      .slice(0, -1)
      .reverse()
      .flatMap((level) => pair(`up${level}`, level, channels(level + 1) + channels(level))),
    { name: "head", level: 0, inChannels: base, outChannels: classes, size: 1 },
  ];
}

function formulaWeights(spec: UnetSpec, dimensions: number): Weights {
  const weights = new Map<string, Float32Array>();
  const add = (name: string, count: number, scale: number, shift = 0) =>
    weights.set(name, formula(weights.size, count, scale, shift));
  for (const { name, inChannels, outChannels, size } of layersOf(spec)) {
    const taps = size ** dimensions;
    add(`${name}.kernel`, taps * inChannels * outChannels, Math.sqrt(6 / (taps * inChannels)));
    add(`${name}.bias`, outChannels, 0.01);
    if (spec.norm === "none" || name === "head") continue;
    add(`${name}.norm.scale`, outChannels, 0.1, 1);
    add(`${name}.norm.shift`, outChannels, 0.1);
  }
  return weights;
}

/** Discs (balls) of each class over noise; later classes on top. */
function formulaBatch({ size, batch, classes: classCount }: UnetSpec, dimensions: number) {
  const places = size ** dimensions;
  const classes = new Uint8Array(batch * places);
  for (let sample = 0; sample < batch; sample++) {
    for (let one = 1; one < classCount; one++) {
      const draw = (index: number) => uniform(2000 + one, sample * 4 + index);
      const centre = [0, 1, 2].map((axis) => size * (0.3 + 0.4 * draw(axis)));
      const radius = size * (0.15 + 0.15 * draw(3));
      for (let place = 0; place < places; place++) {
        let rest = place;
        let squared = 0;
        for (let axis = dimensions - 1; axis >= 0; axis--) {
          squared += ((rest % size) - (centre[axis] as number)) ** 2;
          rest = Math.floor(rest / size);
        }
        if (squared < radius * radius) classes[sample * places + place] = one;
      }
    }
  }
  const images = Float32Array.from(
    classes,
    (label, index) => 0.5 * (2 * uniform(1000, index) - 1) + label,
  );
  return { images, classes };
}

function flopsOf(spec: UnetSpec, dimensions: number): number {
  return layersOf(spec).reduce((sum, { level, inChannels, outChannels, size }, index) => {
    const places = spec.batch * (spec.size / 2 ** level) ** dimensions;
    const forward = 2 * places * size ** dimensions * inChannels * outChannels;
    // Forward and filter gradient; the image itself needs no gradient.
    return sum + forward * (index === 0 ? 2 : 3);
  }, 0);
}

/** `count` values scale (2u - 1) + shift of a stream. */
function formula(stream: number, count: number, scale: number, shift: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, index) => scale * (2 * uniform(stream, index) - 1) + shift,
  );
}

/** u in (0, 1): murmur3's 32-bit finaliser over index and stream. */
function uniform(stream: number, index: number): number {
  let hash = (index + Math.imul(stream + 1, 0x9e3779b9)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash >>> 0) + 0.5) / 2 ** 32;
}
