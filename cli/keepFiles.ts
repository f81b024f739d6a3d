import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { messageOf, PlannerError } from "#core/errors.ts";
import type { Experiment } from "#core/experiment/experiment.ts";
import { className } from "#core/experiment/target.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import type { Mask } from "#core/volume/volume.ts";
import { networkFile } from "#nn/trial/trainedNetwork.ts";
import type { TrialKeeper } from "#nn/trial/trialKeeper.ts";

export interface KeepOptions {
  /** Keep the predicted mask of every test case. */
  readonly predictions: boolean;
  /** Keep the trained networks. */
  readonly networks: boolean;
}

/**
 * Keeps what trials make in the output folder: `predictions/<trial>/<case>.nii.gz`, masks on the
 * image's grid with the labels of the target, and `networks/<trial>.safetensors`.
 *
 * @throws PlannerError "storage" when a file cannot be written
 */
export function keepFiles(
  folder: string,
  { target }: Experiment,
  fingerprint: string,
  { predictions, networks }: KeepOptions,
): TrialKeeper {
  const labels = target.classes.map(({ labels: [first] }) => first ?? 0);
  return {
    ...(predictions
      ? {
          prediction: async (trial, id, mask, grid) => {
            const file = gzipSync(writeNifti({ ...grid, ...labelled(mask, labels) }));
            await write(join(folder, "predictions", trial.id, `${fileName(id)}.nii.gz`), file);
          },
        }
      : {}),
    ...(networks
      ? {
          network: async (trial, { weights, patch }) => {
            const card = {
              format: "slicewise network 1" as const,
              network: trial.configuration.network,
              networkSize: trial.training.networkSize,
              classes: target.classes.map((one, index) => ({
                name: className(target, index + 1),
                labels: one.labels,
              })),
              patch:
                patch.length === 2
                  ? ([...patch] as [number, number])
                  : ([...patch] as [number, number, number]),
              intensities: "mean 0, variance 1 per volume" as const,
              trial: trial.id,
              experiment: fingerprint,
              training: { ...trial.training, ...trial.configuration, seed: trial.seed },
            };
            await write(
              join(folder, "networks", `${trial.id}.safetensors`),
              networkFile({ card, weights }),
            );
          },
        }
      : {}),
  };
}

/** Classes 1, 2, .. as the first label of each. */
export function labelled({ shape, classes }: Mask, labels: readonly number[]) {
  const isWide = labels.some((label) => label > 255);
  const values = classes.length;
  const voxels = isWide ? new Uint16Array(values) : new Uint8Array(values);
  for (let index = 0; index < values; index++) {
    const one = classes[index] ?? 0;
    voxels[index] = one === 0 ? 0 : (labels[one - 1] ?? 0);
  }
  return { shape, voxels };
}

/** A case id as a file name: no separators. */
function fileName(id: string): string {
  return id.replace(/[^\w.-]+/g, "_");
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  } catch (error) {
    throw new PlannerError(
      "storage",
      `${path} could not be written (${messageOf(error)}); check the folder and the free space`,
      { cause: error },
    );
  }
}
