/** Constant numbers that kernels look up: rows of four behind the ranges of the weights. */
export class Tables {
  readonly #first: number;
  readonly #rows: number[] = [];
  readonly #known = new Map<string, number>();

  /** @param first - rows of the buffer that are taken */
  constructor(first: number) {
    this.#first = first;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  /** The row at which these numbers start; equal tables are one. */
  place(numbers: readonly number[]): number {
    const key = numbers.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const row = this.#first + this.#rows.length / 4;
    for (const number of numbers) this.#rows.push(number);
    while (this.#rows.length % 4 !== 0) this.#rows.push(0);
    this.#known.set(key, row);
    return row;
  }

  /** The ranges with all tables behind them. */
  joined(ranges: Int32Array): Int32Array<ArrayBuffer> {
    const whole = new Int32Array(ranges.length + this.#rows.length);
    whole.set(ranges);
    whole.set(this.#rows, ranges.length);
    return whole;
  }
}
