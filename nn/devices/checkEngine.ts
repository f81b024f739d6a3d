import { PlannerError } from "#core/errors.ts";
import { seededRandom } from "#core/random.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, ModelSpec, Weights } from "../engine.ts";
import { optimiserReference, unoptimised } from "../kernels/optimiser.reference.ts";
import type { Network } from "../ops.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements } from "../plan/graph.ts";
import { Interpreter } from "../plan/interpret.ts";
import { record } from "../plan/record.ts";
import { initialWeights } from "../weights.ts";

/** A small network that uses every op. */
const everyOp: Network = (ops, image) => {
  const a = ops.leakyRelu(ops.conv(image, "a", { out: 5, size: 3 }), 0.1);
  const b = ops.relu(
    ops.norm(ops.conv(ops.maxPool(a), "b", { out: 8, size: 3 }), "b.norm", "instance"),
  );
  const c = ops.relu(ops.conv(b, "c", { out: 6, size: 3, stride: 2 }));
  const joined = ops.concat(
    ops.upsample(c, a),
    ops.upsample(ops.convTransposed(b, "d", { out: 3, size: 2 }), a),
    a,
  );
  return ops.conv(joined, "head", { out: 3, size: 1 });
};

const rate = 1e-2;

const specOf = (input: readonly number[]): ModelSpec => ({
  network: everyOp,
  input,
  classes: 3,
  loss: { crossEntropy: 1, dice: 1 },
  optimiser: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-3, weightDecay: 0.1 },
});

/** What was compared, and how far off it was, relative to the largest expected value. */
export interface CheckedPart {
  readonly name: string;
  readonly difference: number;
  readonly allowed: number;
}

/**
 * Lets an engine predict and train a small network, in 2D and 3D, and compares logits, loss
 * and updated weights with plain float64 loops.
 *
 * @returns what was compared
 * @throws PlannerError "device" with all that was compared when something is off: such a
 *   device must not train
 */
export async function checkEngine(engine: Engine): Promise<readonly CheckedPart[]> {
  const parts: CheckedPart[] = [];
  for (const input of [
    [2, 9, 7, 1],
    [1, 4, 5, 6, 2],
  ])
    parts.push(...(await checkOn(engine, input)));
  const wrong = parts.filter(({ difference, allowed }) => !(difference <= allowed));
  if (wrong.length === 0) return parts;
  throw new PlannerError(
    "device",
    `${engine.device} computes wrong numbers and must not train: ${wrong.map(shown).join("; ")}; ` +
      "update the driver or choose the other device",
  );
}

const shown = ({ name, difference, allowed }: CheckedPart): string =>
  `${name} is off by ${difference.toExponential(1)}, ${allowed.toExponential(0)} is allowed`;

async function checkOn(engine: Engine, input: readonly number[]): Promise<CheckedPart[]> {
  const spec = specOf(input);
  const random = seededRandom(7);
  const weights = initialWeights(describeNetwork(spec.network, input), random);
  const images = Float32Array.from({ length: elements(input) }, () => random.normal());
  const places = elements(input.slice(0, -1));
  const classes = Uint8Array.from({ length: places }, (_, i) => (i % 5 === 0 ? 255 : i % 3));
  const expected = expectedOf(spec, weights, images, classes);

  const model = await engine.createModel(spec, weights);
  try {
    const logits = await model.predict(images, input);
    const loss = await model.step({ images, classes }, rate);
    const learned = await model.readWeights();
    const dimensions = `${input.length - 2}D`;
    return [
      part(`${dimensions} logits`, logits, expected.logits, 1e-4),
      part(`${dimensions} loss`, [loss], [expected.loss], 1e-4),
      ...[...expected.weights].map(([name, { weights: values }]) =>
        part(`${dimensions} update of ${name}`, learned.get(name) ?? [], values, 1e-3),
      ),
    ];
  } finally {
    model.dispose();
  }
}

function expectedOf(spec: ModelSpec, weights: Weights, images: Float32Array, classes: Uint8Array) {
  const graph = differentiate(placeConcats(fuse(record(spec.network, spec.input))));
  const states = new Map(
    [...weights].map(([name, values]) => [name, unoptimised(spec.optimiser, values)]),
  );
  const oracle = new Interpreter(graph, new Map([...states].map(([n, s]) => [n, s.weights])));
  const logits = oracle.forward(Float64Array.from(images));
  oracle.backward(graph.backward, classes, spec.loss);
  for (const [name, state] of states) {
    const gradient = oracle.gradients.get(name) ?? new Float64Array(state.weights.length);
    optimiserReference(state, gradient, spec.optimiser, rate, 1);
  }
  return { logits, loss: oracle.loss, weights: states };
}

function part(
  name: string,
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  allowed: number,
): CheckedPart {
  let scale = 1e-2;
  let worst = got.length === expected.length ? 0 : Number.NaN;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i] ?? 0));
    worst = Math.max(worst, Math.abs((got[i] ?? Number.NaN) - (expected[i] ?? 0)));
  }
  return { name, difference: worst / scale, allowed };
}
