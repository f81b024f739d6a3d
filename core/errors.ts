/**
 * What kind of rule was broken; the page maps codes to help, the runner to exit codes.
 *
 * - `argument`: a value outside its rule
 * - `format`: bytes that are not what their name promises
 * - `cohort`: cases that do not fit together (pairing, grids, patients)
 * - `experiment`: a design that cannot be run on this cohort
 * - `results`: stored results that cannot be read or belong to another experiment
 * - `device`: the GPU or CPU engine failed or was lost
 * - `divergence`: training produced a loss that is not finite
 * - `storage`: the browser or disk refused to keep something
 */
export type ErrorCode =
  | "argument"
  | "format"
  | "cohort"
  | "experiment"
  | "results"
  | "device"
  | "divergence"
  | "storage";

/**
 * The one error this product throws on purpose. Messages read
 * `<name> must be <rule>, got <value>` or say what happened and what to do: lower case,
 * no full stop, units included.
 */
export class PlannerError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "PlannerError";
    this.code = code;
  }
}

/** The message of anything that was thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
