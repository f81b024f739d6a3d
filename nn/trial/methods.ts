import type { NetworkSize } from "#core/experiment/experiment.ts";
import type { NetworkName } from "#core/experiment/methods.ts";
import { networkFor, type SizedNetwork } from "../networks/networkFor.ts";

/** @param classes - channels of the logits, background included */
type NetworkOf = (size: NetworkSize, classes: number) => SizedNetwork;

/** What each name in `core/experiment/methods.ts` is; a name without a network does not compile. */
export const networks: Record<NetworkName, NetworkOf> = {
  unet2d: (size, classes) => networkFor("unet2d", size, classes),
  unet3d: (size, classes) => networkFor("unet3d", size, classes),
  segResNet: (size, classes) => networkFor("segResNet", size, classes),
  attentionUnet: (size, classes) => networkFor("attentionUnet", size, classes),
  segFormer: (size, classes) => networkFor("segFormer", size, classes),
  unetr: (size, classes) => networkFor("unetr", size, classes),
};
