import type { LearnedOptions } from "#core/interpolation/interpolationSettings.ts";
import type { Random } from "#core/random.ts";
import type { Objective } from "../engine.ts";
import type { AffinityDevice, AffinityStack } from "./affinity.ts";
import type { SliceTuple } from "./sliceTuples.ts";

/**
 * How well slices of tuples are rebuilt from their neighbours, and the gradient by the
 * features of all of them. Every slice is rebuilt from the nearest of its tuple with a smaller
 * and with a larger index; with the chance `sampling` from what that neighbour was itself
 * rebuilt to, through which no gradient flows.
 *
 *     loss = mean over reconstructions and pixels of smoothL1(rebuilt - true),  beta 1
 *
 * @param size - [height, width] of the slices
 * @param channels - of the features; those of the tuples follow one another, K slices each
 */
export function tupleObjective(
  device: AffinityDevice,
  tuples: readonly SliceTuple[],
  {
    size: [height, width],
    channels,
    sampling,
    random,
  }: {
    readonly size: readonly [height: number, width: number];
    readonly channels: number;
    readonly sampling: number;
    readonly random: Random;
  },
  { tupleSlices, radius, border }: Pick<LearnedOptions, "tupleSlices" | "radius" | "border">,
): Objective {
  return (output) => {
    const gradient = new Float32Array(output.length);
    const length = tupleSlices * height * width * channels;
    const count = tuples.reduce((sum, { slices }) => sum + 2 * (slices.length - 1), 0);
    let loss = 0;
    for (const [index, { slices }] of tuples.entries()) {
      const stack = device.stack(
        { slices: tupleSlices, height, width, channels, radius, border },
        output.subarray(index * length, (index + 1) * length),
      );
      for (const step of [1, -1] as const)
        loss += rebuildAll(stack, slices, step, {
          sampling,
          random,
          share: 1 / (count * height * width),
        });
      gradient.set(stack.gradient, index * length);
    }
    return { loss, gradient };
  };
}

/** One direction through a tuple; returns its part of the loss. */
function rebuildAll(
  stack: AffinityStack,
  slices: readonly Float32Array[],
  step: 1 | -1,
  { sampling, random, share }: { sampling: number; random: Random; share: number },
): number {
  let loss = 0;
  let rebuilt: Float32Array | null = null;
  const order = slices.map((_, index) => (step === 1 ? index : slices.length - 1 - index));
  for (const target of order.slice(1)) {
    const source = target - step;
    const isChained = random.uniform() < sampling;
    const given: Float32Array = (isChained && rebuilt) || (slices[source] as Float32Array);
    const wanted = slices[target] as Float32Array;
    rebuilt = stack.reconstruct(target, source, given);
    const slope = rebuilt.map((value, pixel) => {
      const difference = value - (wanted[pixel] as number);
      const size = Math.abs(difference);
      loss += share * (size < 1 ? 0.5 * size * size : size - 0.5);
      return share * Math.max(-1, Math.min(1, difference));
    });
    stack.backward(target, source, given, slope);
  }
  return loss;
}
