import { describe, expect, it } from "vitest";
import type { NetworkSize } from "#core/experiment/experiment.ts";
import { describeNetwork } from "../describeNetwork.ts";
import { networkFor, networkMakerNames } from "./networkFor.ts";

const sizes: readonly NetworkSize[] = ["XS", "S", "M", "paper"];

describe("networkFor", () => {
  const all = networkMakerNames.flatMap((name) => sizes.map((size) => [name, size] as const));

  it.each(all)("gives logits of the input's places: %s %s", (name, size) => {
    const { network, dimensions, multiple } = networkFor(name, size, 3);
    const side = Math.max(16, multiple);
    const places = dimensions === 2 ? [side, 2 * side] : [side, side, 2 * side];
    const { output } = describeNetwork(network, [2, ...places, 1]);
    expect(output).toEqual([2, ...places, 3]);
  });
});
