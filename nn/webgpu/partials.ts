import type { WeightRange } from "./flatWeights.ts";
import { workgroupSize } from "./kernel.ts";

/** Parts of the gradient of one range of the flat weights, in vec4s. */
export interface Parts {
  readonly at: number;
  readonly count: number;
  readonly pitch: number;
}

/** Room for gradients that are computed in parts and added up at the end of the step. */
export class Partials {
  vec4s = 0;
  readonly #placed: { readonly range: WeightRange; readonly parts: Parts }[] = [];

  /** Room for `count` parts. */
  place(range: WeightRange, count: number): Parts {
    const parts = { at: this.vec4s, count, pitch: range.size };
    this.vec4s += count * range.size;
    this.#placed.push({ range, parts });
    return parts;
  }

  /** Room for `count` parts of sums that belong to no weight. */
  placeLoose(size: number, count: number): Parts {
    const parts = { at: this.vec4s, count, pitch: size };
    this.vec4s += count * size;
    return parts;
  }

  /** What the adding pass needs for each workgroup; see `reduceGradientsKernel`. */
  table(weightVec4s: number): Int32Array<ArrayBuffer> {
    const table = new Int32Array((weightVec4s / workgroupSize) * 4);
    for (const { range, parts } of this.#placed)
      for (let start = 0; start < range.size; start += workgroupSize)
        table.set(
          [parts.at + start, parts.count, parts.pitch, Math.min(workgroupSize, range.size - start)],
          ((range.at + start) / workgroupSize) * 4,
        );
    return table;
  }
}
