/** Runs from one look at the other way to the next. */
const [soonest, latest] = [8, 512];

/**
 * Which of two ways to do the same work is the faster one now. Threads that other programs keep
 * from their processors make work slower than one thread alone, and what a runtime says about
 * processors is not always so; the results are the same either way.
 */
export class Pace {
  /** Seconds of a run by the way in use, smoothed. */
  #used: number | null = null;
  #isShared = true;
  #isLook = false;
  #interval = soonest;
  #runs = 0;

  /** Whether the next run is to be shared. The other way is looked at from time to time. */
  next(): boolean {
    this.#isLook = ++this.#runs > this.#interval;
    return this.#isLook ? !this.#isShared : this.#isShared;
  }

  /** @param seconds - how long the run that `next` was asked about took */
  note(seconds: number): void {
    if (!this.#isLook) {
      this.#used = this.#used === null ? seconds : 0.7 * this.#used + 0.3 * seconds;
      return;
    }
    this.#runs = 0;
    const isBetter = this.#used !== null && seconds < this.#used;
    this.#interval = isBetter ? soonest : Math.min(latest, 2 * this.#interval);
    if (!isBetter) return;
    this.#isShared = !this.#isShared;
    this.#used = seconds;
  }
}
