import { PlannerError } from "#core/errors.ts";
import type { Batch, ModelSpec } from "../engine.ts";
import { elements } from "../plan/graph.ts";

/** @throws PlannerError "argument" when a batch does not have the model's shape and classes */
export function requireBatch(
  { images, classes }: Batch,
  { input, classes: count }: Pick<ModelSpec, "input" | "classes">,
): void {
  const wrong = (name: string, wanted: number, got: number) =>
    new PlannerError(
      "argument",
      `${name} of a batch must have ${wanted} values for [${input.join(", ")}], got ${got}`,
    );
  if (images.length !== elements(input)) throw wrong("images", elements(input), images.length);
  const places = elements(input.slice(0, -1));
  if (classes.length !== places) throw wrong("classes", places, classes.length);
  for (const label of classes)
    if (label >= count && label !== 255)
      throw new PlannerError(
        "argument",
        `classes of a batch must be below ${count} or 255, got ${label}`,
      );
}

/** @throws PlannerError "argument" when a network's output is not a class score for each place */
export function requireClasses(
  output: readonly number[],
  { input, classes }: Pick<ModelSpec, "input" | "classes">,
): void {
  const wanted = [...input.slice(0, -1), classes];
  if (output.join() !== wanted.join())
    throw new PlannerError(
      "argument",
      `network output must be [${wanted.join(", ")}], got [${output.join(", ")}]`,
    );
}

/** @throws PlannerError "argument" when values do not fill a shape */
export function requireLength(name: string, values: Float32Array, shape: readonly number[]): void {
  if (values.length === elements(shape)) return;
  throw new PlannerError(
    "argument",
    `${name} must have ${elements(shape)} values for [${shape.join(", ")}], got ${values.length}`,
  );
}
