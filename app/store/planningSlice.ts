import { parseCostModel } from "#core/analysis/cost.ts";
import type { Change } from "./slice.ts";
import type { Planning, PlanningSlice } from "./state.ts";

export const initialPlanning: PlanningSlice = {
  planning: { unit: "slices", amount: null, cost: parseCostModel({}) },
};

export function planningEdited(
  { planning }: PlanningSlice,
  change: Partial<Planning>,
): Change<PlanningSlice> {
  return { planning: { ...planning, ...change } };
}
