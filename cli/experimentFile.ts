import { readFile } from "node:fs/promises";
import { messageOf, PlannerError } from "#core/errors.ts";
import { type Experiment, parseExperiment } from "#core/experiment/experiment.ts";

/**
 * The experiment in a JSON file, defaults filled in.
 *
 * @throws PlannerError "experiment" when the file cannot be read, is not JSON, or breaks a rule
 */
export async function readExperimentFile(path: string): Promise<Experiment> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new PlannerError(
      "experiment",
      `${path} cannot be read (${messageOf(error)}); name an experiment file`,
      { cause: error },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new PlannerError("experiment", `${path} is not JSON (${messageOf(error)})`, {
      cause: error,
    });
  }
  return parseExperiment(value);
}
