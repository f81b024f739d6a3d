/** Kernels load up to this many bytes past the end of a tensor. */
export const slackBytes = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** How work is shared out. */
export interface Sharing {
  readonly threads: number;
  /** Nanoseconds of work below which another thread is not worth waking. */
  readonly smallestPiece: number;
}

/** Everything on the calling thread. */
export const unshared: Sharing = { threads: 1, smallestPiece: 20_000 };

/**
 * What the calls of a plan need beside their tensors, laid out after `start`: tables that are
 * written once, then scratch that all calls share.
 */
export class Workspace {
  readonly sharing: Sharing;
  readonly #tables: { address: number; data: Int32Array | Float32Array }[] = [];
  #end: number;
  #scratchBytes = 0;

  /** @param start - first free address, bytes */
  constructor(start: number, sharing = unshared) {
    this.#end = aligned(start);
    this.sharing = sharing;
  }

  /** Address of a table with this content. */
  table(data: Int32Array | Float32Array): number {
    const address = this.#end;
    this.#tables.push({ address, data });
    this.#end = aligned(address + data.byteLength);
    return address;
  }

  /**
   * Reserves scratch pieces for one call at a time.
   *
   * @param floats - length of each piece
   * @returns their addresses, to be asked for once every call of the plan has been made
   */
  scratch<const T extends readonly number[]>(...floats: T): () => { [K in keyof T]: number } {
    const offsets: number[] = [];
    let bytes = 0;
    for (const count of floats) {
      offsets.push(bytes);
      bytes = aligned(bytes + count * 4 + slackBytes);
    }
    this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
    return () => offsets.map((offset) => this.#end + offset) as { [K in keyof T]: number };
  }

  /**
   * Into how many tasks work is cut: a few for each thread, so that one that is late holds up
   * less, but none too small.
   *
   * @param nanoseconds - about how long the work takes one thread
   */
  pieces(nanoseconds: number): number {
    const { threads, smallestPiece } = this.sharing;
    if (threads === 1) return 1;
    return Math.max(1, Math.min(4 * threads, Math.floor(nanoseconds / smallestPiece)));
  }

  /** First address after everything, bytes. */
  get end(): number {
    return this.#end + this.#scratchBytes;
  }

  writeTables(buffer: ArrayBufferLike): void {
    for (const { address, data } of this.#tables) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      new Uint8Array(buffer).set(bytes, address);
    }
  }
}
