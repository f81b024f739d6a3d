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
import { unet } from "../networks/unet.ts";
import type { Network } from "../ops.ts";
import { classes, levels, widths } from "./recipes.ts";

/** A network as trials use it. */
export interface SlicedNetwork {
  readonly network: Network;
  /** Height and width it predicts are padded to multiples of this. */
  readonly multiple: number;
}

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

export const networks: Record<NetworkName, (size: NetworkSize) => SlicedNetwork> = {
  unet2d: (size) => ({
    network: unet({ classes, width: widths[size], levels, norm: "instance" }),
    multiple: 2 ** (levels - 1),
  }),
};
