import { prepareCase } from "#core/cohort/prepareCase.ts";
import type { Gate, StopSignal } from "#core/context.ts";
import { PlannerError } from "#core/errors.ts";
import { seededRandom } from "#core/random.ts";
import { annotate } from "#core/selection/annotate.ts";
import { maskDifference } from "#core/view/maskDifference.ts";
import type { InterpolatedSource, MaskSource, MaskVoxels } from "#core/view/maskSource.ts";
import { UNANNOTATED, type VoxelArray } from "#core/volume/volume.ts";
import { interpolatorFor } from "#nn/interpolation/interpolators.ts";
import type { MorphologicalFiles } from "#nn/interpolation/morphological/itkPipeline.ts";
import { untrainedMeans } from "#nn/interpolation/untrainedMeans.ts";
import type { ShownCase } from "./storedCases.ts";

interface Work {
  readonly signal: StopSignal;
  readonly gate: Gate;
  readonly morphological: MorphologicalFiles;
}

/**
 * The voxels of a mask, in an array of its own.
 *
 * @throws PlannerError "argument" when no such mask can be made
 */
export async function maskVoxels(
  one: ShownCase,
  source: MaskSource,
  work: Work,
): Promise<MaskVoxels> {
  switch (source.kind) {
    case "reference":
      return source.classes ? joined(one.labels, source.classes) : apart(one);
    case "interpolated":
      return interpolated(one, source, work);
    case "difference": {
      const first = await maskVoxels(one, source.first, work);
      const second = await maskVoxels(one, source.second, work);
      return { voxels: maskDifference(first.voxels, second.voxels), labels: [] };
    }
    default:
      throw new PlannerError("argument", `mask must be one that is kept, got ${source.kind}`);
  }
}

/** The most labels that are told apart: values fit a byte, the last one takes the rest. */
const MAX_LABELS = 250;

function apart({ labels, summary }: ShownCase): MaskVoxels {
  const shown = summary.labels.map(({ label }) => label).slice(0, MAX_LABELS);
  const values = new Map(shown.map((label, index) => [label, index + 1]));
  const voxels = new Uint8Array(labels.length);
  for (let index = 0; index < voxels.length; index++) {
    const label = labels[index] as number;
    if (label !== 0) voxels[index] = values.get(label) ?? MAX_LABELS;
  }
  return { voxels, labels: shown };
}

function joined(labels: VoxelArray, classes: readonly (readonly number[])[]): MaskVoxels {
  const values = new Map(
    classes.flatMap((list, at) => list.map((label) => [label, at + 1] as const)),
  );
  const voxels = new Uint8Array(labels.length);
  for (let index = 0; index < voxels.length; index++) {
    voxels[index] = values.get(labels[index] as number) ?? 0;
  }
  return { voxels, labels: [] };
}

async function interpolated(
  { summary, image, labels }: ShownCase,
  { interpolator, classes, slices }: InterpolatedSource,
  work: Work,
): Promise<MaskVoxels> {
  const { id, patient } = summary;
  const prepared = prepareCase(
    { id, patient, image, labels: { ...image, voxels: labels } },
    classes,
  );
  const random = seededRandom(0);
  const interpolate = interpolatorFor(interpolator, untrainedMeans(work.morphological));
  const [filled] = await interpolate([annotate(prepared, slices)], { random, ...work });
  const known = filled?.known.classes ?? new Uint8Array(labels.length);
  return { voxels: known.map((one) => (one === UNANNOTATED ? 0 : one)), labels: [] };
}
