import type { Context } from "../context.ts";
import type { Example } from "../selection/annotate.ts";

/**
 * Fills masks between annotated slices: examples in, fuller examples out. Slices a person
 * annotated stay as they are; what it adds is training input only, never a reference.
 */
export type Interpolator = (
  examples: readonly Example[],
  context: Context,
) => Promise<readonly Example[]>;
