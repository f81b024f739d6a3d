import { describe, expect, it } from "vitest";
import { relativeDifference } from "../../testing/difference.ts";
import { openTestGpu } from "../../testing/gpu.ts";
import { type OpCase, opCases } from "../../testing/opReference.ts";
import { hasShared } from "../../testing/reference.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements, type ValueId } from "../plan/graph.ts";
import { Recorder } from "../plan/record.ts";
import { ChannelLayout } from "./channels.ts";
import { GpuSession } from "./gpuSession.ts";
import { Recording } from "./recording.ts";
import { readBuffer } from "./stepBuffers.ts";
import { flatWeightsOf, planGradients } from "./stepPlan.ts";

const { gpu, reason } = await openTestGpu();
if (!gpu) process.stderr.write(`skipped: ${reason}\n`);

describe.skipIf(!hasShared || !gpu)("kernels against PyTorch", () => {
  const cases = hasShared ? opCases() : [];

  it("covers every case that the vocabulary can say, with its gradients", async () => {
    expect(cases.length).toBeGreaterThan(30);
    const session = await GpuSession.open(gpu as GPU);
    for (const one of cases) {
      const { output, inputGradient, weightGradients } = await session.guard(() =>
        run(session, one),
      );
      expect(relativeDifference(output, one.output.values), one.name).toBeLessThan(1e-5);
      expect(relativeDifference(inputGradient, one.inputGradient.values), one.name).toBeLessThan(
        2e-5,
      );
      for (const [name, { values }] of one.weightGradients)
        expect(
          relativeDifference(weightGradients.get(name) ?? [], values),
          `${one.name} ${name}`,
        ).toBeLessThan(2e-5);
    }
    session.close();
  }, 600_000);
});

/** One op behind a convolution that changes nothing, so that its input has a gradient. */
async function run(session: GpuSession, one: OpCase) {
  const recorder = new Recorder();
  const image = recorder.value(one.x.shape);
  const channels = one.x.shape.at(-1) ?? 1;
  const x = recorder.conv(image, "same", { out: channels, size: 1, bias: false });
  const like = recorder.value(one.output.shape);
  const result = one.apply<ValueId>(recorder, x, like);
  const { values, nodes, weights: shapes, statistics } = recorder;
  const graph = differentiate(
    placeConcats(
      fuse({ values, nodes, weights: shapes, statistics, input: image, output: result }),
    ),
  );
  const same = Float32Array.from({ length: channels ** 2 }, (_, i) =>
    i % (channels + 1) === 0 ? 1 : 0,
  );
  const given = new Map([...one.weights].map(([name, weight]) => [name, weight.values]));
  for (const [name, shape] of statistics) given.set(name, new Float32Array(elements(shape)));
  const weights = flatWeightsOf(graph);
  const layout = new ChannelLayout(graph);
  const dy = graph.backward.flatMap((node) => (node.kind === "loss" ? [node.dx] : []))[0] ?? 0;
  // An activation joins the convolution before it: its gradient is the output's, masked.
  const own = graph.values.findIndex((value) => value.gradientOf === x);
  const dx = own < 0 ? dy : own;
  const plan = planGradients(graph, weights, session.traits, [result, dx]);

  const packed = weights.pack(new Map([...given, ["same.kernel", same]]));
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
  const make = (name: string, bytes: number) =>
    session.buffer(name, Math.max(16, bytes), STORAGE | COPY_SRC | COPY_DST);
  const buffers = {
    arena: make("arena", plan.sizes.arena),
    weights: make("weights", packed.byteLength),
    partials: make("partials", plan.sizes.partials),
    optimiser: make("optimiser", 3 * packed.byteLength),
    image: make("image", plan.sizes.image),
    labels: make("labels", plan.sizes.labels),
    ranges: make("ranges", plan.ranges.byteLength),
    scalars: session.buffer("scalars", 16, UNIFORM | COPY_DST),
  };
  const { queue } = session.device;
  queue.writeBuffer(buffers.arena, 0, new Float32Array(plan.sizes.arena / 4).fill(Number.NaN));
  queue.writeBuffer(buffers.weights, 0, packed);
  queue.writeBuffer(buffers.ranges, 0, plan.ranges);
  queue.writeBuffer(buffers.image, 0, new Float32Array(one.x.values));
  queue.writeBuffer(buffers.arena, plan.byteOf(dy), strided(one.outputGradient.values, dy));

  const recording = await Recording.make(session, plan, buffers);
  const encoder = session.device.createCommandEncoder();
  recording.replay(encoder);
  queue.submit([encoder.finish()]);
  const arena = await readBuffer(session, buffers.arena);
  const gradients = weights.unpack(await readBuffer(session, buffers.optimiser));
  for (const buffer of Object.values(buffers)) buffer.destroy();
  return {
    output: dense(arena, result),
    inputGradient: dense(arena, dx),
    weightGradients: gradients,
  };

  function strided(from: Float32Array, id: ValueId): Float32Array<ArrayBuffer> {
    const { places, vec4s } = layout.of(id);
    const to = new Float32Array((from.length / places.length) * vec4s * 4);
    from.forEach((value, i) => {
      to[Math.floor(i / places.length) * vec4s * 4 + (places[i % places.length] ?? 0)] = value;
    });
    return to;
  }

  function dense(from: Float32Array, id: ValueId): Float32Array {
    const { places } = layout.of(id);
    const { block, start, pitch } = layout.strip(id);
    const base = plan.byteOf(block) / 4 + start * 4;
    return Float32Array.from({ length: elements(graph.values[id]?.shape ?? []) }, (_, i) => {
      const place = Math.floor(i / places.length);
      return from[base + place * pitch * 4 + (places[i % places.length] ?? 0)] ?? Number.NaN;
    });
  }
}
