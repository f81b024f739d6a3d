import type { Inference } from "./inference.ts";

/** Input shapes whose forward pass is kept ready. */
const kept = 4;

/** The forward passes of the shapes that were asked for last. */
export class InferenceCache {
  readonly #make: (shape: readonly number[]) => Promise<Inference>;
  /** Least recently used first. */
  #bytes = 0;
  readonly #known = new Map<string, Promise<Inference>>();

  constructor(make: (shape: readonly number[]) => Promise<Inference>) {
    this.#make = make;
  }

  of(shape: readonly number[]): Promise<Inference> {
    const key = shape.join();
    const inference = this.#known.get(key) ?? this.#counted(shape);
    this.#known.delete(key);
    this.#known.set(key, inference);
    // A shape that could not be planned is not remembered.
    inference.catch(() => this.#known.delete(key));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= kept) break;
      this.#forget(oldest);
    }
    return inference;
  }

  /** Of the forward passes that are ready. */
  get bytes(): number {
    return this.#bytes;
  }

  dispose(): void {
    for (const key of [...this.#known.keys()]) this.#forget(key);
  }

  async #counted(shape: readonly number[]): Promise<Inference> {
    const made = await this.#make(shape);
    this.#bytes += made.bytes;
    return made;
  }

  #forget(key: string): void {
    const inference = this.#known.get(key);
    this.#known.delete(key);
    inference?.then(
      (made) => {
        this.#bytes -= made.bytes;
        made.dispose();
      },
      () => undefined,
    );
  }
}
