import { secondsNow } from "../clock.ts";

/**
 * What a step takes while several are under way: the time from one loss to the next, or from
 * its beginning where nothing was under way.
 */
export class StepClock {
  readonly #sorted: number[] = [];
  #warmUp: number | null = null;
  #underWay = 0;
  #since = 0;

  began(): void {
    if (this.#underWay === 0) this.#since = secondsNow();
    this.#underWay++;
  }

  ended(): void {
    const now = secondsNow();
    this.#add(now - this.#since);
    this.#since = now;
    this.#underWay--;
  }

  /** Median seconds per step; the first, which warms up, counts until there is another. */
  get median(): number {
    return this.#sorted[this.#sorted.length >> 1] ?? this.#warmUp ?? 0;
  }

  #add(seconds: number): void {
    if (this.#warmUp === null) {
      this.#warmUp = seconds;
      return;
    }
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < seconds) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, seconds);
  }
}
