import { PlannerError } from "#core/errors.ts";
import type { TokenOps } from "./ops.ts";

type Shape = readonly number[];

/** Where the shapes of weights and results are noted. */
interface Notes {
  use(name: string, shape: Shape): void;
  made(shape: Shape): Shape;
  /** Notes multiply-adds. */
  count(macs: number): void;
  readonly fanIn: Map<string, number>;
  readonly deviations: Map<string, number>;
}

/** Of learned vectors before training (Dosovitskiy et al. 2021, arXiv:2010.11929). */
const tokenDeviation = 0.02;

/** The ops of tokens on shapes. */
export function tokenShapes({ use, made, count, fanIn, deviations }: Notes): TokenOps<Shape> {
  return {
    depthwise: (x, name, size) => {
      requireDepthwise(name, size);
      const taps = size ** (x.length - 2);
      use(`${name}.kernel`, [...x.slice(1, -1).map(() => size), 1, channelsOf(x)]);
      use(`${name}.bias`, [channelsOf(x)]);
      fanIn.set(`${name}.kernel`, taps);
      count(sizeOf(x) * taps);
      return made(x);
    },
    gelu: (x) => made(x),
    layerNorm: (x, name) => {
      use(`${name}.scale`, [channelsOf(x)]);
      use(`${name}.shift`, [channelsOf(x)]);
      return made(x);
    },
    split: (x, channels) => {
      requireParts(channelsOf(x), channels);
      return channels.map((part) => [...x.slice(0, -1), part]);
    },
    attention: (query, key, value, heads) => {
      requireAttention(query, key, value, heads);
      count(2 * sizeOf(query) * sizeOf(key.slice(1, -1)));
      return made(query);
    },
    position: (x, name) => {
      use(`${name}.table`, x.slice(1));
      deviations.set(`${name}.table`, tokenDeviation);
      return made(x);
    },
    addTable: (x, values) => {
      requireTable(x, values);
      return made(x);
    },
    pick: (x, _, { places, token }) => {
      requirePick(x, places);
      if (token !== undefined) {
        use(`${token}.vector`, [channelsOf(x)]);
        deviations.set(`${token}.vector`, tokenDeviation);
      }
      return made([x[0] ?? 0, ...places, channelsOf(x)]);
    },
  };
}

/** @throws PlannerError "argument" for an even or broken size */
export function requireDepthwise(name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 1 && size % 2 === 1) return;
  throw new PlannerError("argument", `size of depthwise ${name} must be odd, got ${size}`);
}

/** @throws PlannerError "argument" when the parts are not the whole */
export function requireParts(channels: number, parts: readonly number[]): void {
  const isWhole = parts.every((part) => Number.isSafeInteger(part) && part >= 1);
  if (isWhole && parts.reduce((sum, part) => sum + part, 0) === channels) return;
  throw new PlannerError(
    "argument",
    `parts of a split must be the ${channels} channels there are, got ${parts.join(" + ")}`,
  );
}

/** @throws PlannerError "argument" for shapes that cannot attend to each other */
export function requireAttention(query: Shape, key: Shape, value: Shape, heads: number): void {
  const channels = channelsOf(query);
  const fits =
    `${key}` === `${value}` && key[0] === query[0] && channelsOf(key) === channels && heads >= 1;
  if (fits && channels % heads === 0) return;
  throw new PlannerError(
    "argument",
    `attention must have keys and values of one shape, ${channels} channels as the queries have, ` +
      `and heads that divide them, got [${key.join(", ")}], [${value.join(", ")}], ${heads} heads`,
  );
}

/** @throws PlannerError "argument" for a table of another size */
export function requireTable(x: Shape, values: ArrayLike<number>): void {
  if (values.length === sizeOf(x.slice(1))) return;
  throw new PlannerError(
    "argument",
    `table must have ${sizeOf(x.slice(1))} values for [${x.join(", ")}], got ${values.length}`,
  );
}

/** @throws PlannerError "argument" for places of another rank */
export function requirePick(x: Shape, places: Shape): void {
  const isWhole = places.every((count) => Number.isSafeInteger(count) && count >= 1);
  if (isWhole && places.length === x.length - 2) return;
  throw new PlannerError(
    "argument",
    `places of a pick must be ${x.length - 2} positive numbers, got [${places.join(", ")}]`,
  );
}

const channelsOf = (shape: Shape): number => shape.at(-1) ?? 0;
const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
