import type { Gate, StopSignal } from "#core/context.ts";
import { overlapOf } from "#core/evaluation/overlap.ts";
import { networkDimensions } from "#core/experiment/methods.ts";
import { patchSizeOf } from "#core/experiment/patchSize.ts";
import { chooseVolumes, type Split } from "#core/experiment/split.ts";
import type { Trial } from "#core/experiment/trial.ts";
import { learnedOptionsOf } from "#core/interpolation/interpolationSettings.ts";
import type { Interpolator } from "#core/interpolation/interpolator.ts";
import { seededRandom } from "#core/random.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import type { TrialResult } from "#core/results/result.ts";
import type { ScoredTarget } from "#core/results/score.ts";
import { sliceDescriptors } from "#core/selection/sliceDescriptor.ts";
import type { Shape3 } from "#core/volume/grid.ts";
import type { Case, Mask } from "#core/volume/volume.ts";
import type { Engine } from "../engine.ts";
import { predictCase } from "../inference/predictCase.ts";
import type { InterpolationTools } from "../interpolation/interpolationMeans.ts";
import { interpolatorFor } from "../interpolation/interpolators.ts";
import { type Trained, trainNetwork } from "../training/trainNetwork.ts";
import { annotateVolumes } from "./annotateVolumes.ts";
import { networks } from "./methods.ts";
import { lossOf, optimiserOf } from "./recipes.ts";
import { type CheckpointOptions, TrialCheckpoints } from "./trialCheckpoints.ts";
import type { TrialKeeper } from "./trialKeeper.ts";
import { TrialRecord } from "./trialRecord.ts";
import { WorkClock } from "./workClock.ts";

/** Prepared cases by id: intensities normalised, masks of the target's classes. */
export interface CaseSource {
  /** Known before voxels are read. */
  shapeOf(id: string): Shape3;
  /** Called when the case is needed; it is not kept longer than that. */
  caseOf(id: string): Promise<Case>;
}

export interface TrialContext extends CheckpointOptions {
  readonly engine: Engine;
  readonly cases: CaseSource;
  readonly split: Split;
  /** What the masks of the cases show. */
  readonly target: ScoredTarget;
  /** Fingerprint of the cohort's voxels. */
  readonly cohort: string;
  readonly interpolation: InterpolationTools;
  /** `experimentFingerprint`, recorded in the result. */
  readonly experiment: string;
  readonly signal: StopSignal;
  readonly gate: Gate;
  /** Keeps predictions and networks; left out: nobody does. */
  readonly keep?: TrialKeeper | undefined;
  report(progress: TrialProgress): void;
}

/**
 * One trial in the order it happens; the worker and the runner both call this. Where a
 * checkpoint of it is kept it goes on from there, to the same numbers.
 *
 * @returns its result; one with status "failed" when anything in it went wrong
 * @throws whatever `signal.throwIfAborted` throws when it was stopped, nothing else
 */
export async function runTrial(trial: Trial, context: TrialContext): Promise<TrialResult> {
  const { engine, cases, split, target, signal, report } = context;
  const clock = new WorkClock(context.gate);
  const { gate } = clock;
  const { configuration, training } = trial;
  const { volumeFraction } = configuration;
  const random = seededRandom(trial.seed);
  const record = new TrialRecord(trial, target, context, clock);
  const checkpoints = new TrialCheckpoints(trial, context, clock);
  let trained: Trained | undefined;
  try {
    const chosen = chooseVolumes(split.pool, volumeFraction, random.fork("volumes"));
    const annotated = await annotateVolumes(chosen, trial, {
      caseOf: (id) => cases.caseOf(id),
      featuresOf: async (image) => sliceDescriptors(image),
      random,
      signal,
      gate,
      report,
    });
    record.annotated(annotated);
    const interpolate = interpolatorOf(trial, context);
    const examples = await interpolate(annotated, {
      random: random.fork("interpolation"),
      signal,
      gate,
    });

    const classes = target.names.length + 1;
    const { network, multiple } = networks[configuration.network](training.networkSize, classes);
    const allIds = [...split.pool, ...split.validation, ...split.test];
    const patch = patchSizeOf(
      training.patch,
      networkDimensions[configuration.network],
      allIds.map((id) => cases.shapeOf(id)),
    );
    const { batchSize, learningRate, iterations: steps, recipe } = training;
    const { schedule, sampling, augmentations } = recipe;
    const method = {
      schedule,
      sampling,
      augmentations,
      loss: lossOf(recipe),
      optimiser: optimiserOf(recipe),
    };
    const from = await checkpoints.load();
    const watch = { signal, gate, report };
    trained = await trainNetwork(
      engine,
      { ...method, network, classes, batchSize, learningRate, steps, patch },
      examples,
      { random, ...watch, from, checkpoints },
    );
    await checkpoints.keepEnd(trained);

    const prediction = { model: trained.model, classes, patch, multiple, signal, gate };
    let foundForeground = false;
    for (const [index, id] of split.test.entries()) {
      const { image, mask } = await cases.caseOf(id);
      const predicted = await predictCase(image, prediction);
      foundForeground ||= hasForeground(predicted);
      await context.keep?.prediction?.(trial, id, predicted, image);
      record.scored(
        id,
        target.names.map((_, at) => overlapOf(predicted, mask, at + 1)),
      );
      report({ phase: "evaluate", step: index + 1, steps: split.test.length });
    }
    if (split.validation.length > 0) foundForeground = false;
    for (const id of split.validation) {
      if (foundForeground) break;
      const { image } = await cases.caseOf(id);
      foundForeground = hasForeground(await predictCase(image, prediction));
    }
    if (context.keep?.network) {
      await context.keep.network(trial, { weights: await trained.model.readWeights(), patch });
    }
    await checkpoints.remove();
    return record.done(trained, !foundForeground);
  } catch (error) {
    signal.throwIfAborted();
    return record.failed(error);
  } finally {
    trained?.model.dispose();
  }
}

/** The interpolator of a trial; what it learns on is the pool, whatever volumes were chosen. */
function interpolatorOf(
  { configuration, interpolation }: Trial,
  { engine, cases, split, cohort, interpolation: tools, report }: TrialContext,
): Interpolator {
  return interpolatorFor(configuration.interpolator, {
    ...tools,
    engine,
    pool: {
      ids: split.pool,
      shapeOf: (id) => cases.shapeOf(id),
      imageOf: async (id) => (await cases.caseOf(id)).image,
      fingerprint: cohort,
    },
    learned: learnedOptionsOf(interpolation),
    report: (progress) => report({ phase: "interpolate", ...progress }),
  });
}

function hasForeground({ classes }: Mask): boolean {
  return classes.some((one) => one > 0);
}
