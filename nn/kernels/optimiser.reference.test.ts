import { describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { optimiserTrajectories } from "../../testing/optimiserReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { optimiserReference, unoptimised } from "./optimiser.reference.ts";

describe.skipIf(!hasShared)("optimisers in plain loops", () => {
  it.each(optimiserTrajectories())("follow PyTorch: $name", ({ spec, start, rates, steps }) => {
    const state = unoptimised(spec, start);
    for (const [step, { gradient, expected }] of steps.entries()) {
      const rate = rates[step] ?? 0;
      optimiserReference(state, Float64Array.from(gradient), spec, rate, step + 1);
      expect(relativeDifference(state.weights, expected), `step ${step}`).toBeLessThan(2e-7);
    }
  });
});
