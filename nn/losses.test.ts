import { describe, expect, it } from "vitest";
import { relativeDifference } from "../testing/difference.ts";
import { openTestGpu } from "../testing/gpu.ts";
import { lossExamples } from "../testing/lossReference.ts";
import { hasShared } from "../testing/reference.ts";
import { createCpuEngine } from "./cpu/createCpuEngine.ts";
import type { Engine } from "./engine.ts";
import type { Network } from "./ops.ts";
import { createWebgpuEngine } from "./webgpu/webgpuEngine.ts";

const { gpu } = await openTestGpu();
const engines: [string, () => Promise<Engine>][] = [
  ["the CPU", () => createCpuEngine()],
  ...(gpu ? [["WebGPU", () => createWebgpuEngine(gpu)] satisfies [string, unknown]] : []),
];

/** The images are the logits: a convolution of size 1 that changes nothing. */
const unchanged: Network = (ops, image) => ops.conv(image, "head", { out: 3, size: 1 });

describe.skipIf(!hasShared).each(engines)("losses on %s", (_, start) => {
  const examples = (hasShared ? lossExamples() : []).filter(({ classes }) => classes === 3);

  it("are the reference's, with the gradient by the logits", async () => {
    const engine = await start();
    const identity = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    for (const { name, spec, samples, logits, labels, value, gradient } of examples) {
      const input = [samples, 1, labels.length / samples, 3];
      const optimiser = { kind: "sgd", momentum: 0, weightDecay: 0, nesterov: false } as const;
      const weights = new Map([
        ["head.kernel", identity],
        ["head.bias", new Float32Array(3)],
      ]);
      const model = await engine.createModel(
        { network: unchanged, input, classes: 3, loss: spec, optimiser },
        weights,
      );
      // One step of plain SGD moves the kernel by the gradient: x^T times that by the logits.
      const loss = await model.step({ images: logits, classes: labels }, 1);
      const after = await model.readWeights();
      model.dispose();
      expect(Math.abs(loss - value), name).toBeLessThan(4e-6 * Math.max(1, value));
      const moved = (after.get("head.kernel") ?? []).map((now, i) => (identity[i] ?? 0) - now);
      const expected = Array.from({ length: 9 }, (_, i) => {
        const [row, column] = [Math.floor(i / 3), i % 3];
        let sum = 0;
        for (let place = 0; place < labels.length; place++) {
          sum += (logits[place * 3 + row] ?? 0) * (gradient[place * 3 + column] ?? 0);
        }
        return sum;
      });
      expect(relativeDifference(moved, expected), name).toBeLessThan(1e-4);
    }
    engine.dispose();
  });
});
