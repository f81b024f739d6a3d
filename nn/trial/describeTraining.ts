import { messageOf, PlannerError } from "#core/errors.ts";
import { type NetworkName, networkDimensions, networkLabels } from "#core/experiment/methods.ts";
import { patchSizeOf } from "#core/experiment/patchSize.ts";
import type { TrainingSettings } from "#core/experiment/trial.ts";
import type { TrainingFacts } from "#core/results/progress.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { weightCount } from "../weights.ts";
import { networks } from "./methods.ts";

/** What one network of an experiment would train on. */
export interface TrainingToDescribe {
  readonly network: NetworkName;
  readonly training: TrainingSettings;
  /** Background included. */
  readonly classes: number;
  /** Of all volumes of the experiment. */
  readonly shapes: readonly Shape3[];
}

/** Most that the CPU path can address, bytes; a browser's tab seldom gets more. */
const MOST_BYTES = 4 * 2 ** 30;

/**
 * Parameters and memory of a training, and why it cannot be; no device is started. Memory is
 * that of weights, gradients and moments, of every result of one forward pass and of its
 * gradient: what reuse and fusing save is not counted.
 */
export function describeTraining(asked: TrainingToDescribe): TrainingFacts {
  const { network: name, training, classes, shapes } = asked;
  const patch = patchSizeOf(training.patch, networkDimensions[name], shapes);
  const { network, multiple } = networks[name](training.networkSize, classes);
  const shown = patch.join(" x ");
  const refused = (why: string): TrainingFacts => ({
    parameters: null,
    bytes: null,
    problem: `${networkLabels[name]} ${why}`,
  });
  const advice = `; its sides must be multiples of ${multiple}, and large enough`;
  try {
    const input = [training.batchSize, ...patch, 1];
    const description = describeNetwork(network, input);
    const expected = [...input.slice(0, -1), classes].join();
    if (description.output.join() !== expected) {
      return refused(`cannot take patches of ${shown}${advice}`);
    }
    const parameters = weightCount(description);
    const bytes = 16 * parameters + 2 * description.activationBytes;
    if (bytes > MOST_BYTES) {
      return refused(
        `needs about ${(bytes / 2 ** 30).toFixed(1)} GiB for batches of ${training.batchSize} ` +
          `patches of ${shown}, 4 GiB can be used; take a smaller size, batch or patch`,
      );
    }
    return { parameters, bytes, problem: null };
  } catch (error) {
    if (!(error instanceof PlannerError)) throw error;
    return refused(`cannot take patches of ${shown} (${messageOf(error)})${advice}`);
  }
}
