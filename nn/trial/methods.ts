import type { NetworkSize } from "#core/experiment/experiment.ts";
import type { InterpolatorName, NetworkName, StrategyName } from "#core/experiment/methods.ts";
import type { Interpolator } from "#core/interpolation/interpolator.ts";
import { nearest } from "#core/interpolation/nearest.ts";
import { none } from "#core/interpolation/none.ts";
import { signedDistance } from "#core/interpolation/signedDistance.ts";
import { fixedInterval } from "#core/selection/fixedInterval.ts";
import { fixedIntervalRandomOffset } from "#core/selection/fixedIntervalRandomOffset.ts";
import type { Strategy } from "#core/selection/strategy.ts";
import { stratified } from "#core/selection/stratified.ts";
import { uniformRandom } from "#core/selection/uniformRandom.ts";
import { networkFor, type SizedNetwork } from "../networks/networkFor.ts";

/** What each name in `core/experiment/methods.ts` does; a name without a method does not compile. */
export const strategies: Record<StrategyName, Strategy> = {
  fixedInterval,
  fixedIntervalRandomOffset,
  uniformRandom,
  stratified,
};

export const interpolators: Record<InterpolatorName, Interpolator> = {
  none,
  nearest,
  signedDistance,
};

/** @param classes - channels of the logits, background included */
type NetworkOf = (size: NetworkSize, classes: number) => SizedNetwork;

export const networks: Record<NetworkName, NetworkOf> = {
  unet2d: (size, classes) => networkFor("unet2d", size, classes),
  unet3d: (size, classes) => networkFor("unet3d", size, classes),
};
