import type { NetworkSize } from "#core/experiment/experiment.ts";
import type { InterpolatorName, NetworkName } from "#core/experiment/methods.ts";
import type { Interpolator } from "#core/interpolation/interpolator.ts";
import { nearest } from "#core/interpolation/nearest.ts";
import { none } from "#core/interpolation/none.ts";
import { signedDistance } from "#core/interpolation/signedDistance.ts";
import { networkFor, type SizedNetwork } from "../networks/networkFor.ts";

/** What each name in `core/experiment/methods.ts` does; a name without a method does not compile. */
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
  segResNet: (size, classes) => networkFor("segResNet", size, classes),
  attentionUnet: (size, classes) => networkFor("attentionUnet", size, classes),
  segFormer: (size, classes) => networkFor("segFormer", size, classes),
  unetr: (size, classes) => networkFor("unetr", size, classes),
};
