import { InvalidArgumentError } from "commander";

/** A parser of option values: a number in [min, max]. */
export function numberFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`must be a number from ${min} to ${max}, got ${text}`);
  };
}

/** A parser of option values: an integer in [min, max]. */
export function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`must be an integer from ${min} to ${max}, got ${text}`);
  };
}

/** A parser of option values that may be given several times. */
export function numbersFrom(min: number, max: number) {
  const parse = numberFrom(min, max);
  return (text: string, before: readonly number[] = []): number[] => [...before, parse(text)];
}
