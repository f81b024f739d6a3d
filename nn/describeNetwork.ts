import { PlannerError } from "#core/errors.ts";
import { convPlaces, requireWindow } from "./convWindow.ts";
import { tokenShapes } from "./describeTokens.ts";
import type { ConvTransposedOptions, Network, NormKind, Ops } from "./ops.ts";

/** What a network is on inputs of one shape, known without a device. */
export interface Description {
  /** Name to shape, in order of first use. */
  readonly weights: ReadonlyMap<string, readonly number[]>;
  /**
   * Name to shape of what training keeps beside the weights and no optimiser moves: the running
   * means and variances of batch norms. They are saved and loaded with the weights.
   */
  readonly statistics: ReadonlyMap<string, readonly number[]>;
  /** Inputs that meet in one output value, of each kernel by name. */
  readonly fanIn: ReadonlyMap<string, number>;
  /** Standard deviation before training, of the weights that ask for one. */
  readonly deviations: ReadonlyMap<string, number>;
  /** [batch, ..spatial, classes] */
  readonly output: readonly number[];
  /** Multiply-adds of the convolutions of one forward pass. */
  readonly macs: number;
  /** Bytes of every op's float32 output in one forward pass: what training must remember. */
  readonly activationBytes: number;
}

type Shape = readonly number[];

/** Everything that is saved and loaded: the weights, then the statistics. */
export function storedShapes({
  weights,
  statistics,
}: Pick<Description, "weights" | "statistics">): ReadonlyMap<string, Shape> {
  return new Map([...weights, ...statistics]);
}

/**
 * Reads a network without running it: a tensor is its shape.
 *
 * @param input - [batch, height, width, channels] or [batch, depth, height, width, channels]
 * @throws PlannerError "argument" when the network cannot take that size
 */
export function describeNetwork(network: Network, input: Shape): Description {
  requireImages(input);
  const reader = shapeReader();
  const output = network(reader.ops, input);
  return { ...reader.read(), output };
}

function requireImages(input: Shape): void {
  const isWhole = input.every((count) => Number.isSafeInteger(count) && count >= 1);
  if (isWhole && (input.length === 4 || input.length === 5)) return;
  throw new PlannerError(
    "argument",
    `network input must be [batch, height, width, channels] or [batch, depth, height, width, ` +
      `channels] of positive integers, got ${shown(input)}`,
  );
}

function shapeReader() {
  const weights = new Map<string, Shape>();
  const statistics = new Map<string, Shape>();
  const fanIn = new Map<string, number>();
  const deviations = new Map<string, number>();
  let macs = 0;
  let activationBytes = 0;

  const use = (name: string, shape: Shape) => {
    const known = weights.get(name);
    if (known && shown(known) !== shown(shape)) {
      throw new PlannerError(
        "argument",
        `weight ${name} must have one shape, got ${shown(known)} and ${shown(shape)}`,
      );
    }
    weights.set(name, shape);
  };
  const made = (shape: Shape): Shape => {
    activationBytes += 4 * sizeOf(shape);
    return shape;
  };

  const tokens = tokenShapes({ use, made, count: (more) => (macs += more), fanIn, deviations });
  const ops: Ops<Shape> = {
    ...tokens,
    conv: (x, name, options) => {
      requireWindow(name, options);
      const { out, size, bias = true } = options;
      const taps = size ** spatial(x).length;
      use(`${name}.kernel`, [...spatial(x).map(() => size), channelsOf(x), out]);
      if (bias) use(`${name}.bias`, [out]);
      fanIn.set(`${name}.kernel`, taps * channelsOf(x));
      if (options.deviation !== undefined) deviations.set(`${name}.kernel`, options.deviation);
      const shape = [batchOf(x), ...convPlaces(name, spatial(x), options), out];
      macs += sizeOf(shape) * taps * channelsOf(x);
      return made(shape);
    },
    convTransposed: (x, name, options) => {
      requireGrowth(name, options);
      const { out, size, stride = size, bias = true } = options;
      const taps = size ** spatial(x).length;
      use(`${name}.kernel`, [...spatial(x).map(() => size), channelsOf(x), out]);
      if (bias) use(`${name}.bias`, [out]);
      fanIn.set(`${name}.kernel`, channelsOf(x) * Math.max(1, taps / stride ** spatial(x).length));
      macs += sizeOf(x) * taps * out;
      return made([batchOf(x), ...spatial(x).map((n) => n * stride), out]);
    },
    norm: (x, name, kind, { affine = true } = {}) => {
      requireSpread(x, name, kind);
      if (affine) {
        use(`${name}.scale`, [channelsOf(x)]);
        use(`${name}.shift`, [channelsOf(x)]);
      }
      if (kind === "batch")
        for (const part of ["mean", "variance"]) statistics.set(`${name}.${part}`, [channelsOf(x)]);
      return made(x);
    },
    ...pointwiseOps(made, use),
    ...resizingOps(made),
    maxPool: (x) => {
      if (spatial(x).some((n) => n < 2)) {
        throw new PlannerError(
          "argument",
          `max pool must see at least 2 places along every axis, got ${shown(x)}; ` +
            "take larger slices or patches",
        );
      }
      return made([batchOf(x), ...spatial(x).map((n) => Math.floor(n / 2)), channelsOf(x)]);
    },
    upsample: (x, like) => made([batchOf(x), ...spatial(like), channelsOf(x)]),
  };
  return { ops, read: () => ({ weights, statistics, fanIn, deviations, macs, activationBytes }) };
}

/** Ops that bring the places to another number. */
function resizingOps(
  made: (shape: Shape) => Shape,
): Pick<Ops<Shape>, "resize" | "averagePool" | "spectralPool"> {
  const resized = (x: Shape, places: readonly number[]): Shape => {
    if (places.some((n) => n < 1)) {
      throw new PlannerError(
        "argument",
        `pooling must leave at least one place along every axis, got ${shown(x)}; ` +
          "take larger slices or patches",
      );
    }
    return made([batchOf(x), ...places, channelsOf(x)]);
  };
  return {
    resize: (x, like) => resized(x, spatial(like)),
    averagePool: (x, size) => resized(x, pooledPlaces(spatial(x), size)),
    spectralPool: (x, divisor) => resized(x, pooledPlaces(spatial(x), divisor)),
  };
}

/** Places along each axis after windows of `size` became one. */
export const pooledPlaces = (places: readonly number[], size: number | "all"): number[] =>
  places.map((n) => (size === "all" ? 1 : Math.floor(n / size)));

/** Ops that keep the places as they are. */
function pointwiseOps(
  made: (shape: Shape) => Shape,
  use: (name: string, shape: Shape) => void,
): Pick<Ops<Shape>, "relu" | "leakyRelu" | "prelu" | "sigmoid" | "add" | "multiply" | "concat"> {
  return {
    relu: (x) => made(x),
    leakyRelu: (x) => made(x),
    prelu: (x, name) => {
      use(`${name}.slope`, [1]);
      return made(x);
    },
    sigmoid: (x) => made(x),
    add: (a, b) => {
      requireShape("add", b, a);
      return made(a);
    },
    multiply: (x, gate) => {
      requireShape("multiply", gate, channelsOf(gate) === 1 ? [...x.slice(0, -1), 1] : x);
      return made(x);
    },
    concat: (...parts) => {
      const [first, ...rest] = parts;
      if (!first)
        throw new PlannerError("argument", "concat must join at least one part, got none");
      for (const part of rest) {
        if (shown(part.slice(0, -1)) === shown(first.slice(0, -1))) continue;
        throw new PlannerError(
          "argument",
          `parts of a concat must have the same places, got ${parts.map(shown).join(" and ")}`,
        );
      }
      return made([
        ...first.slice(0, -1),
        parts.reduce((channels, part) => channels + channelsOf(part), 0),
      ]);
    },
  };
}

function requireGrowth(name: string, { size, stride = size }: ConvTransposedOptions): void {
  const isWhole = [size, stride].every((n) => Number.isSafeInteger(n) && n >= 1);
  if (isWhole && (stride === size || (size % 2 === 1 && stride <= 2))) return;
  throw new PlannerError(
    "argument",
    `transposed convolution ${name} must have its size as stride, or an odd size and stride 1 or 2, ` +
      `got size ${size}, stride ${stride}`,
  );
}

/** A norm needs groups of whole channels and more than one value in each set. */
function requireSpread(x: Shape, name: string, kind: NormKind): void {
  if (typeof kind === "object" && !(channelsOf(x) % kind.groups === 0 && kind.groups >= 1)) {
    throw new PlannerError(
      "argument",
      `group norm ${name} must have groups of whole channels, got ${channelsOf(x)} channels in ` +
        `${kind.groups} groups`,
    );
  }
  const samples = kind === "batch" ? batchOf(x) : 1;
  const channels = typeof kind === "object" ? channelsOf(x) / kind.groups : 1;
  if (samples * sizeOf(spatial(x)) * channels >= 2) return;
  const word = typeof kind === "object" ? "group" : kind;
  throw new PlannerError(
    "argument",
    `${word} norm ${name} must see more than one place per channel, got ${shown(x)}; ` +
      "take larger slices or patches",
  );
}

function requireShape(op: string, got: Shape, expected: Shape): void {
  if (shown(got) === shown(expected)) return;
  throw new PlannerError(
    "argument",
    `second operand of ${op} must be ${shown(expected)}, got ${shown(got)}`,
  );
}

const batchOf = (shape: Shape): number => shape[0] ?? 0;
const channelsOf = (shape: Shape): number => shape.at(-1) ?? 0;
const spatial = (shape: Shape): number[] => shape.slice(1, -1);
const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
const shown = (shape: Shape): string => `[${shape.join(", ")}]`;
