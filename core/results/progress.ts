import type { NetworkName } from "../experiment/methods.ts";

/** What a running trial reports. */
export type TrialProgress =
  | { readonly phase: "prepare"; readonly step: number; readonly steps: number }
  /** Training of the learned interpolator, in the trial that needs it first. */
  | {
      readonly phase: "interpolate";
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
    }
  | {
      readonly phase: "train";
      /** Steps done and to do. */
      readonly step: number;
      readonly steps: number;
      /** Loss of the last step. */
      readonly loss: number;
      /** Median of the steps so far, the first left out. */
      readonly secondsPerStep: number;
    }
  | { readonly phase: "evaluate"; readonly step: number; readonly steps: number };

/** What training a network takes besides time, known without a device. */
export interface TrainingFacts {
  /** Numbers the network learns; null when it cannot be trained so. */
  readonly parameters: number | null;
  /** Memory of training, bytes; an estimate from above. */
  readonly bytes: number | null;
  /** Why it cannot be trained so; null when it can. */
  readonly problem: string | null;
}

/** Speed of each network that was measured. */
export type NetworkSpeeds = Readonly<Partial<Record<NetworkName, DeviceSpeed>>>;

/** Time a device needs, measured by a short calibration or by trials that ran. */
export interface DeviceSpeed {
  readonly secondsPerStep: number;
  /** Prediction of one slice. */
  readonly secondsPerSlice: number;
  /** Start of a model: shader compilation and the like. */
  readonly secondsPerStart: number;
  /** Multiply-adds of the convolutions of a training step times 2, a second; in billions. */
  readonly gigaflops?: number;
  /** Of a trial on the device, bytes; absent where nothing is planned ahead. */
  readonly memory?: {
    /** At the most, known before the trial. */
    readonly planned: number;
    /** Held by the model that was measured. */
    readonly used: number;
  };
}
