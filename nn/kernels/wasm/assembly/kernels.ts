export { affinityBackward, affinityForward } from "./affinity";
export { convForward } from "./convForward";
export { addFilter, convFilter } from "./convFilter";
export { lossAndGradient } from "./loss";
export { maxPoolBackward, maxPoolForward } from "./maxPool";
export { normBackward, normForward } from "./norm";
export { packForward, packTransposed, padSample, sumPlaces, swapAxes } from "./packing";
export { adamw, sgd } from "./optimisers";
export { activation, addTo, clear, maskGradient } from "./pointwise";
export { upsampleBackward, upsampleForward } from "./upsample";

/** First address that the module itself does not use. */
export function firstFree(): usize {
  return __heap_base;
}
