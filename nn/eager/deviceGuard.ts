import { PlannerError } from "#core/errors.ts";

const scopes: readonly GPUErrorFilter[] = ["validation", "out-of-memory", "internal"];

/**
 * Watches a GPU device. TensorFlow.js does not look at errors: after a shader that does not
 * compile it goes on with zeros, fast. So no number may leave a device but through here.
 */
export class DeviceGuard {
  readonly #device: GPUDevice;
  /** What happened outside of any work, since the last work. */
  #uncaught: string | null = null;
  #lost: string | null = null;
  readonly #onError = (event: GPUUncapturedErrorEvent) => {
    this.#uncaught ??= event.error.message;
  };

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener("uncapturederror", this.#onError);
    device.lost.then(
      ({ reason, message }) => {
        this.#lost = message || reason;
      },
      () => undefined,
    );
  }

  /**
   * Runs work on the device.
   *
   * @throws PlannerError "device" when the device was lost, or reported an error during the
   *   work or since the work before
   */
  async run<R>(work: () => Promise<R>): Promise<R> {
    this.#check();
    for (const scope of scopes) this.#device.pushErrorScope(scope);
    const outcome = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    // An error of the device explains one of the work, so it is looked at first.
    const errors = await Promise.all(scopes.map(() => this.#device.popErrorScope())).catch(
      () => [],
    );
    const caught = errors.find((error) => error !== null);
    if (caught) this.#uncaught ??= caught.message;
    this.#check();
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  dispose(): void {
    this.#device.removeEventListener("uncapturederror", this.#onError);
  }

  #check(): void {
    if (this.#lost !== null) {
      throw new PlannerError(
        "device",
        `the graphics device was lost (${this.#lost}); start again or choose the CPU path`,
      );
    }
    if (this.#uncaught !== null) {
      const message = this.#uncaught;
      this.#uncaught = null;
      throw new PlannerError(
        "device",
        `the graphics device reported an error (${firstLine(message)}); ` +
          "take a smaller batch or choose the CPU path",
      );
    }
  }
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
