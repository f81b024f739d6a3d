/** How finely work is cut for a kind of adapter. */
export interface Tuning {
  /** Threads below which a convolution takes smaller tiles. */
  readonly tileThreads: number;
  /** Threads that reductions are split into. */
  readonly splitThreads: number;
}

/** Software adapters run a few threads at a time: large tiles, few parts. */
export const softwareTuning: Tuning = { tileThreads: 128, splitThreads: 512 };

/** Graphics cards hide latency with many threads. */
export const hardwareTuning: Tuning = { tileThreads: 16_384, splitThreads: 32_768 };
