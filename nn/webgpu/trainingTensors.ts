import { PlannerError } from "#core/errors.ts";
import type { TrainingState } from "../engine.ts";
import type { FlatWeights } from "./flatWeights.ts";
import type { GpuSession } from "./gpuSession.ts";
import type { StepBuffers } from "./recording.ts";
import { readBuffer } from "./stepBuffers.ts";

type Tensors = Pick<TrainingState, "weights" | "moments">;
type Buffers = Pick<StepBuffers, "weights" | "optimiser">;

/** Weights and moments, as the steps submitted before this call leave them. */
export async function readTensors(
  session: GpuSession,
  flat: FlatWeights,
  buffers: Buffers,
): Promise<Tensors> {
  const [weights, optimiser] = await Promise.all([
    readBuffer(session, buffers.weights),
    readBuffer(session, buffers.optimiser),
  ]);
  const size = weights.length;
  const moments = Array.from({ length: momentsIn(buffers) }, (_, i) =>
    flat.unpackLearned(optimiser.subarray((i + 1) * size, (i + 2) * size)),
  );
  return { weights: flat.unpack(weights), moments };
}

/** @throws PlannerError "argument" when they are of another network or optimiser */
export function writeTensors(
  { device: { queue } }: GpuSession,
  flat: FlatWeights,
  buffers: Buffers,
  { weights, moments }: Tensors,
): void {
  if (moments.length !== momentsIn(buffers))
    throw new PlannerError(
      "argument",
      `moments must be ${momentsIn(buffers)} for this optimiser, got ${moments.length}`,
    );
  const packed = flat.pack(weights);
  const rest = moments.map((one) => flat.packLearned(one));
  queue.writeBuffer(buffers.weights, 0, packed);
  for (const [i, values] of rest.entries())
    queue.writeBuffer(buffers.optimiser, (i + 1) * buffers.weights.size, values);
}

/** Behind the gradients, which come first. */
const momentsIn = ({ weights, optimiser }: Buffers): number => optimiser.size / weights.size - 1;
