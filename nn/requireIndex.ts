import { PlannerError } from "#core/errors.ts";
import type { Indices } from "./engine.ts";

/**
 * A step's list of places.
 *
 * @param planned - how many it names, of how many
 * @throws PlannerError "argument" when it is missing, has another length or names other places
 */
export function requireIndex(
  indices: Indices | undefined,
  name: string,
  { count, from }: { readonly count: number; readonly from: number },
): Int32Array {
  const index = indices?.get(name);
  if (index?.length !== count)
    throw new PlannerError(
      "argument",
      `indices must hold ${count} places as ${name}, got ${index?.length ?? "none"}`,
    );
  const wrong = index.find((place) => place < -1 || place >= from);
  if (wrong === undefined) return index;
  throw new PlannerError(
    "argument",
    `places of ${name} must be below ${from}, or -1 for the token, got ${wrong}`,
  );
}
