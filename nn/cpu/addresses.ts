import type { TensorView } from "../kernels/wasm/tensorView.ts";
import type { Workspace } from "../kernels/wasm/workspace.ts";
import type { ValueId } from "../plan/graph.ts";

/** Where everything that a node names lies in memory. */
export interface Addresses {
  readonly workspace: Workspace;
  /** 4 for networks of slices, 5 for volumes. */
  readonly rank: number;
  view(id: ValueId): TensorView;
  /** Address of a weight, 0 for none. */
  weight(name: string | null): number;
  /** Address of its gradient, 0 for none. */
  gradient(name: string | null): number;
  /** Address of a step's list of `count` places, of `from`; null where that is known. */
  index(name: string, count: number, from: number | null): number;
}
