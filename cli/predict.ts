import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { StopSignal } from "#core/context.ts";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { defaultRecipe } from "#core/experiment/recipe.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { normalize } from "#core/volume/normalize.ts";
import { canonicalVolume } from "#core/volume/orientation.ts";
import type { Engine } from "#nn/engine.ts";
import { predictCase } from "#nn/inference/predictCase.ts";
import { networks } from "#nn/trial/methods.ts";
import { lossOf, optimiserOf } from "#nn/trial/recipes.ts";
import { readNetworkFile, type TrainedNetwork } from "#nn/trial/trainedNetwork.ts";
import type { Streams } from "./command.ts";
import { chosenDevice } from "./deviceOption.ts";
import { openImageFolder } from "./imageFolder.ts";
import { labelled } from "./keepFiles.ts";

export interface PredictOptions {
  readonly images: string;
  readonly out: string;
  readonly backend: DeviceChoice;
}

/**
 * Predicts every image of a folder with a network that a run kept.
 *
 * @throws PlannerError when network or images cannot be read, or the device fails
 */
export async function predict(
  networkPath: string,
  { images, out, backend }: PredictOptions,
  { log }: Streams,
  signal: StopSignal,
): Promise<void> {
  const trained = readNetworkFile(await readFile(networkPath));
  const folder = await openImageFolder(resolve(images), signal);
  for (const problem of folder.problems) log.write(`look: ${problem}\n`);
  await mkdir(out, { recursive: true });
  const engine = await (await chosenDevice(backend)).start();
  const model = await modelOf(engine, trained);
  const { card } = trained;
  const classes = card.classes.length + 1;
  const { multiple } = networks[card.network](card.networkSize, classes);
  try {
    for (const image of folder.images) {
      signal.throwIfAborted();
      const volume = canonicalVolume(await folder.volumeOf(image));
      const prepared = { ...volume, voxels: normalize(volume.voxels).voxels };
      const gate = () => new Promise<void>((done) => setImmediate(done));
      const mask = await predictCase(prepared, {
        ...{ model, classes, patch: card.patch, multiple, signal, gate },
      });
      const labels = card.classes.map(({ labels: [first] }) => first ?? 0);
      const file = gzipSync(writeNifti({ ...volume, ...labelled(mask, labels) }));
      await writeFile(join(out, `${image.id.replace(/[^\w.-]+/g, "_")}.nii.gz`), file);
      log.write(`predicted ${image.id}\n`);
    }
  } finally {
    model.dispose();
    engine.dispose();
  }
}

function modelOf(engine: Engine, { card, weights }: TrainedNetwork) {
  const classes = card.classes.length + 1;
  const { network } = networks[card.network](card.networkSize, classes);
  const spec = {
    network,
    input: [1, ...card.patch, 1],
    classes,
    loss: lossOf(defaultRecipe),
    optimiser: optimiserOf(defaultRecipe),
  };
  return engine.createModel(spec, weights);
}
