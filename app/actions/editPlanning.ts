import { planningEdited } from "../store/planningSlice.ts";
import type { Planning } from "../store/state.ts";
import type { AppContext } from "./appContext.ts";

/** Changes what may be spent and what annotation costs; scores stay as they were measured. */
export function editPlanning({ store, services }: AppContext, change: Partial<Planning>): void {
  store.setState((state) => planningEdited(state, change));
  services.session.save({ planning: store.getState().planning });
}
