import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Trial } from "#core/experiment/trial.ts";

/** A share of an experiment's trials: every `count`-th, from `index` on. */
export interface Part {
  /** 0 to `count - 1` */
  readonly index: number;
  readonly count: number;
}

/** `3/20` as an option value. */
export function parsePart(text: string): Part {
  const [, index, count] = text.match(/^(\d{1,6})\/(\d{1,6})$/)?.map(Number) ?? [];
  if (index !== undefined && count !== undefined && index < count) return { index, count };
  throw new InvalidArgumentError(`must be i/n with i from 0 to n - 1, got ${text}`);
}

/** Every `count`-th trial: trials stand from small budgets to large, so parts take alike long. */
export function trialsOfPart(trials: readonly Trial[], { index, count }: Part): Trial[] {
  return trials.filter((_, place) => place % count === index);
}

/** Where a part keeps its results: machines that share a disk do not share a file. */
export function partFolder(out: string, { index, count }: Part): string {
  return join(out, `part-${String(index).padStart(String(count - 1).length, "0")}-of-${count}`);
}
