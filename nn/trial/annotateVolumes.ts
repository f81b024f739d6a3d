import type { Gate, StopSignal } from "#core/context.ts";
import { isJoint, strategySight } from "#core/experiment/methods.ts";
import type { Trial } from "#core/experiment/trial.ts";
import type { Random } from "#core/random.ts";
import type { TrialProgress } from "#core/results/progress.ts";
import { annotate, type Example } from "#core/selection/annotate.ts";
import type { Features } from "#core/selection/features.ts";
import { pickSlices, type VolumeSlices } from "#core/selection/pickSlices.ts";
import { targetSlices } from "#core/selection/targetSlices.ts";
import type { Case } from "#core/volume/volume.ts";

/** What of a slice strategies that see images compare: a row per slice. */
export type FeaturesOf = (image: Case["image"], id: string) => Promise<Features>;

interface Annotating {
  readonly caseOf: (id: string) => Promise<Case>;
  readonly featuresOf: FeaturesOf;
  readonly random: Random;
  readonly signal: StopSignal;
  readonly gate: Gate;
  report(progress: TrialProgress): void;
}

/**
 * Picks slices of the chosen volumes and reveals their masks. A volume of which nothing was
 * picked, which happens only when slices are picked over all volumes together, is left out.
 */
export async function annotateVolumes(
  chosen: readonly string[],
  { configuration, selection }: Pick<Trial, "configuration" | "selection">,
  context: Annotating,
): Promise<Example[]> {
  const { strategy, density } = configuration;
  const { caseOf, featuresOf, random, signal, gate, report } = context;
  const { scope, quota } = selection;
  const rule = { strategy, density, scope, quota };
  const joint = isJoint(strategy, scope);
  const steps = joint ? 2 * chosen.length : chosen.length;
  let step = 0;
  const next = async (id: string): Promise<Case> => {
    await gate();
    signal.throwIfAborted();
    const one = await caseOf(id);
    report({ phase: "prepare", step: ++step, steps });
    return one;
  };
  const examples: Example[] = [];
  const add = (one: Case, picks: readonly number[]) => {
    if (picks.length > 0) examples.push(annotate(one, picks));
  };
  if (!joint) {
    for (const id of chosen) {
      const one = await next(id);
      const [picks = []] = pickSlices([await seenOf(one, strategy, featuresOf)], rule, random);
      add(one, picks);
    }
    return examples;
  }
  const volumes: VolumeSlices[] = [];
  for (const id of chosen) volumes.push(await seenOf(await next(id), strategy, featuresOf));
  const picks = pickSlices(volumes, rule, random);
  for (const [at, id] of chosen.entries()) add(await next(id), picks[at] ?? []);
  return examples;
}

/** Of a case no more than its strategy may see. */
export async function seenOf(
  { id, image, mask }: Case,
  strategy: Trial["configuration"]["strategy"],
  featuresOf: FeaturesOf,
): Promise<VolumeSlices> {
  const sight = strategySight[strategy];
  return {
    id,
    depth: image.shape[0],
    features: sight === "image" ? await featuresOf(image, id) : null,
    hasTarget: sight === "target" ? targetSlices(mask) : null,
  };
}
