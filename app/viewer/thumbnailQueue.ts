import type { Thumbnail } from "#core/view/thumbnail.ts";
import type { ThumbnailWish } from "#workers/protocol.ts";

/** A thumbnail that is here, or why it is not to be had. */
export type DrawnThumbnail = Thumbnail | string;

/** Draws thumbnails of a batch; null when it was stopped. */
export type DrawBatch = (
  slices: readonly ThumbnailWish[],
  signal: AbortSignal,
) => Promise<
  | { readonly value: readonly Thumbnail[]; readonly problem: null }
  | { readonly value: null; readonly problem: string }
  | null
>;

/** Thumbnails asked for at once: few, so that what is scrolled to next does not wait long. */
const BATCH = 8;
/** Thumbnails kept at most. */
const KEPT = 1500;

/** Gets the thumbnails that are in sight now, batch by batch, and keeps those it got. */
export class ThumbnailQueue {
  readonly #draw: DrawBatch;
  readonly #onChange: (drawn: ReadonlyMap<string, DrawnThumbnail>) => void;
  readonly #stop = new AbortController();
  #drawn: ReadonlyMap<string, DrawnThumbnail> = new Map();
  #wanted: readonly ThumbnailWish[] = [];
  #isBusy = false;

  constructor(draw: DrawBatch, onChange: (drawn: ReadonlyMap<string, DrawnThumbnail>) => void) {
    this.#draw = draw;
    this.#onChange = onChange;
  }

  /** What is in sight now; wishes that were not begun are forgotten. */
  want(wishes: readonly ThumbnailWish[]): void {
    this.#wanted = wishes;
    if (!this.#isBusy) void this.#work();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    let batch = this.#nextBatch();
    while (batch.length > 0) {
      const loaded = await this.#draw(batch, this.#stop.signal);
      if (!loaded || this.#stop.signal.aborted) break;
      const drawn = batch.map((one, index): [string, DrawnThumbnail] => [
        keyOf(one),
        loaded.value?.[index] ?? loaded.problem ?? "no picture",
      ]);
      // The oldest go first.
      this.#drawn = new Map([...this.#drawn, ...drawn].slice(-KEPT));
      this.#onChange(this.#drawn);
      batch = this.#nextBatch();
    }
    this.#isBusy = false;
  }

  #nextBatch(): readonly ThumbnailWish[] {
    if (this.#stop.signal.aborted) return [];
    return this.#wanted.filter((one) => !this.#drawn.has(keyOf(one))).slice(0, BATCH);
  }
}

export function keyOf({ caseId, slice }: ThumbnailWish): string {
  return `${slice} ${caseId}`;
}
