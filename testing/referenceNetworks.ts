import { attentionUnet } from "../nn/networks/attentionUnet.ts";
import { segResNet } from "../nn/networks/segResNet.ts";
import { unet3d } from "../nn/networks/unet3d.ts";
import type { Network } from "../nn/ops.ts";

/** Networks that PyTorch computed, by the name of their case. */
export const referenceNetworks: Readonly<
  Record<string, { readonly network: Network; readonly isTransposed: (name: string) => boolean }>
> = {
  unet3d_cicek_b4: {
    network: unet3d({ classes: 3, base: 4 }),
    isTransposed: (name) => /^u\d/.test(name),
  },
  segresnet_small: {
    network: segResNet({ classes: 3, width: 4, groups: 4, down: [1, 1, 1], up: [1, 1] }),
    isTransposed: () => false,
  },
  segresnet2d_f8: { network: segResNet({ classes: 2, width: 8 }), isTransposed: () => false },
  segresnet_default_f8: { network: segResNet({ classes: 2, width: 8 }), isTransposed: () => false },
  attentionunet3d: {
    network: attentionUnet({ classes: 2, channels: [4, 8, 16] }),
    isTransposed: (name) => name.includes("upconv"),
  },
  attentionunet3d_deep: {
    network: attentionUnet({ classes: 3, channels: [4, 8, 16, 24] }),
    isTransposed: (name) => name.includes("upconv"),
  },
};
