import type { GpuSession } from "./gpuSession.ts";

/** A few buffers through which small results come back while the next step already runs. */
export class ReadbackRing {
  readonly #free: GPUBuffer[];
  readonly #all: readonly GPUBuffer[];
  readonly #waiting: ((buffer: GPUBuffer) => void)[] = [];
  readonly #bytes: number;

  constructor(session: GpuSession, bytes: number, depth: number) {
    this.#bytes = bytes;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#all = Array.from({ length: depth }, () => session.buffer("readback", bytes, usage));
    this.#free = [...this.#all];
  }

  /** A buffer to copy into; waits its turn when all are under way. */
  take(): Promise<GPUBuffer> {
    const buffer = this.#free.pop();
    if (buffer) return Promise.resolve(buffer);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What was copied into a taken buffer, once the device is there; gives the buffer back. */
  async read(buffer: GPUBuffer): Promise<Float32Array> {
    try {
      await buffer.mapAsync(GPUMapMode.READ);
      const values = new Float32Array(buffer.getMappedRange().slice(0, this.#bytes));
      buffer.unmap();
      return values;
    } finally {
      const next = this.#waiting.shift();
      if (next) next(buffer);
      else this.#free.push(buffer);
    }
  }

  dispose(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}
