export { affinityBackward, affinityForward } from "./affinity";
export { attentionForward, attentionKey, attentionLines, attentionQuery, transposePlaces } from "./attention";
export { convForward } from "./convForward";
export { addFilter, convFilter } from "./convFilter";
export { depthwise, depthwiseFilter } from "./depthwise";
export { geluBackward, geluForward } from "./gelu";
export { layerNormForward, layerNormInput, layerNormWeights } from "./layerNorm";
export {
  addTwo, gateGradient, multiplyGate, prelu, preluGradient, sigmoid, sigmoidGradient, sumOf,
} from "./combine";
export { convForward } from "./convForward";
export { addFilter, convFilter } from "./convFilter";
export {
  groupApply, groupGradient, groupGradientJoin, groupGradientSums, groupJoin, groupMoments, normStored,
} from "./groupNorm";
export { lossAndGradient } from "./loss";
export { maxPoolBackward, maxPoolForward } from "./maxPool";
export { normBackward, normForward } from "./norm";
export { packForward, packTransposed, padSample, sumPlaces, swapAxes } from "./packing";
export { adamw, sgd } from "./optimisers";
export { activation, addTo, clear, maskGradient } from "./pointwise";
export { pick, pickBack, pickToken, spreadPatches } from "./picking";
export { mixAxis } from "./resample";
export { upsampleBackward, upsampleForward } from "./upsample";

/** First address that the module itself does not use. */
export function firstFree(): usize {
  return __heap_base;
}
