import * as v from "valibot";
import { PlannerError } from "#core/errors.ts";
import { networkSizes } from "#core/experiment/experiment.ts";
import { networkLabels } from "#core/experiment/methods.ts";
import { readSafetensors, writeSafetensors } from "#core/formats/safetensors.ts";
import { namesOf, parseAs, rules } from "#core/schema.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Weights } from "../engine.ts";
import { networks } from "./methods.ts";

const side = rules.integer(1, 4096);
const cardSchema = v.object({
  format: v.literal("slicewise network 1"),
  network: rules.name(namesOf(networkLabels)),
  networkSize: rules.name(networkSizes),
  /** In words and as labels, of class 1, 2, .. */
  classes: v.pipe(
    v.array(v.object({ name: v.string(), labels: v.array(rules.integer(1, 65535)) })),
    v.minLength(1),
  ),
  patch: v.union([v.strictTuple([side, side]), v.strictTuple([side, side, side])]),
  /** What images must be before the network sees them. */
  intensities: v.literal("mean 0, variance 1 per volume"),
  trial: v.string(),
  experiment: v.string(),
  training: v.unknown(),
});

/** What a trained network is and where it comes from: all that using it takes. */
export type NetworkCard = v.InferOutput<typeof cardSchema>;

export interface TrainedNetwork {
  readonly card: NetworkCard;
  readonly weights: Weights;
}

/** A trained network as a safetensors file, its card as JSON in the metadata. */
export function networkFile({ card, weights }: TrainedNetwork): Uint8Array {
  const shapes = shapesOf(card);
  return writeSafetensors({
    tensors: new Map(
      [...weights].map(([name, values]) => [
        name,
        { shape: shapes.get(name) ?? [values.length], values },
      ]),
    ),
    metadata: { slicewise: JSON.stringify(card) },
  });
}

/**
 * A trained network from its file.
 *
 * @throws PlannerError "format" when the file is no such network, naming every weight that is
 *   missing, misshapen or unknown
 */
export function readNetworkFile(bytes: Uint8Array): TrainedNetwork {
  const { tensors, metadata } = readSafetensors(bytes);
  const text = metadata["slicewise"];
  if (text === undefined) {
    throw new PlannerError(
      "format",
      "the weights have no card of this program; take a file that a run of it wrote",
    );
  }
  const card = parseAs(cardSchema, JSON.parse(text), "card", "format");
  const shapes = shapesOf(card);
  const faults: string[] = [];
  for (const [name, shape] of shapes) {
    const found = tensors.get(name);
    if (!found) faults.push(`${name} is missing`);
    else if (`${found.shape}` !== `${shape}`) {
      faults.push(`${name} must be [${shape.join(", ")}], got [${found.shape.join(", ")}]`);
    }
  }
  for (const name of tensors.keys()) if (!shapes.has(name)) faults.push(`${name} is unknown`);
  if (faults.length > 0) {
    throw new PlannerError("format", `the weights do not fit their network: ${faults.join("; ")}`);
  }
  return {
    card,
    weights: new Map(
      [...shapes.keys()].map((name) => [name, tensors.get(name)?.values ?? new Float32Array()]),
    ),
  };
}

function shapesOf({ network: name, networkSize, classes, patch }: NetworkCard) {
  const { network } = networks[name](networkSize, classes.length + 1);
  // Running means and variances are as much of the network as what the optimiser moved.
  const { weights, statistics } = describeNetwork(network, [1, ...patch, 1]);
  return new Map([...weights, ...statistics]);
}
