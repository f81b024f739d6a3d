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
  /** Bytes of the largest buffer the device allows; absent where nobody knows. */
  readonly largestBuffer?: number;
  /** Of this program's start; absent where it passed earlier or was not started yet. */
  readonly check?: EngineCheck;
}

/** Whether a device computes what it should, by training a small network of every op. */
export interface EngineCheck {
  readonly passed: boolean;
  /** In a few words. */
  readonly summary: string;
  readonly seconds: number;
  /** Everything that was compared, a line each, for whoever is asked for help. */
  readonly report: string;
}

/** What was found, what `choice` means here, and why in one sentence. */
export interface DeviceReport {
  readonly options: readonly DeviceOption[];
  readonly chosen: Backend;
  readonly reason: string;
}
