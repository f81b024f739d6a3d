import type { Gate } from "#core/context.ts";
import { secondsNow } from "../clock.ts";

/** Time spent on work: it stands still while the gate is closed. */
export class WorkClock {
  readonly #started = secondsNow();
  readonly #outer: Gate;
  #waited = 0;
  #before = 0;

  constructor(gate: Gate) {
    this.#outer = gate;
  }

  /** The gate to pass: it does not count what passing it takes. */
  readonly gate: Gate = async () => {
    const before = secondsNow();
    await this.#outer();
    this.#waited += secondsNow() - before;
  };

  /** Counts work of an earlier time. */
  addEarlier(seconds: number): void {
    this.#before += seconds;
  }

  get seconds(): number {
    return this.#before + secondsNow() - this.#started - this.#waited;
  }
}
