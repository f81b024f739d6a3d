/**
 * Steps whose losses are on their way. Losses are told in the order of their steps; after a
 * step that failed none is told.
 */
export class StepsUnderWay {
  readonly #most: number;
  readonly #tell: (loss: number) => void;
  readonly #pending: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  #isAbandoned = false;

  /**
   * @param most - steps that may be under way at once
   * @param tell - called with each loss
   */
  constructor(most: number, tell: (loss: number) => void) {
    this.#most = most;
    this.#tell = tell;
  }

  /** Takes up a step. */
  add(step: Promise<number>): void {
    const before = this.#last;
    const mine = (async () => {
      // Both at once: a step that fails while an earlier one is awaited must not go unheard.
      const [, loss] = await Promise.all([before, step]);
      if (!this.#isAbandoned) this.#tell(loss);
    })();
    mine.catch(() => undefined);
    this.#last = mine;
    this.#pending.push(mine);
  }

  /** Waits until another step may begin. @throws what a step threw */
  async room(): Promise<void> {
    while (this.#pending.length >= this.#most) {
      await this.#pending.shift();
    }
  }

  /** Waits for all of them. @throws what a step threw */
  async end(): Promise<void> {
    await this.#last;
    this.#pending.length = 0;
  }

  /** Nothing is told any more. */
  abandon(): void {
    this.#isAbandoned = true;
  }
}
