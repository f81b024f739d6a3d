/** Number of a value in its graph: an index into `Graph.values`. */
export type ValueId = number;

/** A gradient is multiplied by 1 where `y` > 0 and by `slope` elsewhere. */
export interface Mask {
  readonly y: ValueId;
  readonly slope: number;
}

/** How a gradient reaches its value: added to what is there, then multiplied by the mask. */
export interface Delivery {
  readonly dx: ValueId;
  readonly accumulate: boolean;
  readonly mask: Mask | null;
}
