/** 0.125 -> "1/8" where the share is a simple fraction, else as a percentage. */
export function formatFraction(share: number): string {
  if (share === 1) return "1";
  for (const denominator of [2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 64]) {
    const numerator = Math.round(share * denominator);
    const isNear = Math.abs(numerator / denominator - share) < 1e-6;
    if (isNear && numerator > 0 && (numerator === 1 || denominator <= 8)) {
      return `${numerator}/${denominator}`;
    }
  }
  return formatPercent(share);
}

/** 0.05 -> "5 %", three significant digits at most. */
export function formatPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** 0.6543 -> "0.654"; "-" for nothing. */
export function formatScore(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

/** 0.0312 -> "+0.031". */
export function formatGain(value: number, digits = 3): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(digits)}`;
}

/** [0.1, 0.2] -> "[0.100, 0.200]". */
export function formatInterval(
  [low, high]: readonly [number, number],
  format: (value: number) => string,
): string {
  return `[${format(low)}, ${format(high)}]`;
}

/** 0.0004 -> "< 0.001", 0.0312 -> "0.031". */
export function formatPValue(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** "nothing was run" -> "Nothing was run.": messages that can be joined, alone. */
export function formatSentence(message: string): string {
  const stop = /[.!?]$/.test(message) ? "" : ".";
  return message.charAt(0).toUpperCase() + message.slice(1) + stop;
}

/** 12345 -> "12,345". */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** 95 -> "1 min 35 s"; coarse where it is long. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Number((hours / 24).toFixed(1))} days`;
}

/** [2, 5] -> "2 to 5", [3, 3] -> "3". */
export function formatRange([fewest, most]: readonly [number, number]): string {
  return fewest === most ? formatCount(fewest) : `${formatCount(fewest)} to ${formatCount(most)}`;
}

/** "1 case", "3 cases". */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/**
 * A share as people type it: "10 %", "1/8", "0.1"; a bare number above 1 is a percentage.
 *
 * @returns a number in (0, 1], or null when the text is none
 */
export function parseShare(text: string): number | null {
  const trimmed = text.trim().replace(",", ".");
  const fraction = /^(\d+(?:\.\d+)?)\s*\/\s*(\d+(?:\.\d+)?)$/.exec(trimmed);
  const percent = /^(\d*\.?\d+)\s*%$/.exec(trimmed);
  const plain = /^\d*\.?\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  const value = fraction
    ? Number(fraction[1]) / Number(fraction[2])
    : percent
      ? Number(percent[1]) / 100
      : plain > 1
        ? plain / 100
        : plain;
  const rounded = Number(value.toPrecision(12));
  return rounded > 0 && rounded <= 1 ? rounded : null;
}

/** `850 kB`, `12.3 MB`, `1.85 GB`; decimal, as memory of graphics cards is told. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}
