/** Where trials compute. */
export type Backend = "webgpu" | "cpu";

/** What the user asked for. `auto`: hardware WebGPU if there is one, else the CPU path. */
export type DeviceChoice = "auto" | Backend;

/** A way to compute that was looked for on this machine. */
export interface DeviceOption {
  readonly backend: Backend;
  readonly available: boolean;
  /** The adapter or processor in words, or why it is not available. */
  readonly description: string;
  /** A software adapter (SwiftShader, fallback): correct, but slower than the CPU path. */
  readonly isSoftware: boolean;
}

/** What was found, what `choice` means here, and why in one sentence. */
export interface DeviceReport {
  readonly options: readonly DeviceOption[];
  readonly chosen: Backend;
  readonly reason: string;
}
