import { messageOf } from "#core/errors.ts";
import type { EngineCheck } from "#core/experiment/device.ts";
import { seededRandom } from "#core/random.ts";
import { secondsNow } from "../clock.ts";
import { describeNetwork } from "../describeNetwork.ts";
import type { Engine, ModelSpec, Weights } from "../engine.ts";
import { optimiserReference, unoptimised } from "../kernels/optimiser.reference.ts";
import { differentiate } from "../plan/differentiate.ts";
import { fuse, placeConcats } from "../plan/fuse.ts";
import { elements } from "../plan/graph.ts";
import { Interpreter } from "../plan/interpret.ts";
import { record } from "../plan/record.ts";
import { initialWeights } from "../weights.ts";
import { checkSpecs } from "./checkedNetwork.ts";

const rate = 1e-2;

/** What was compared, and how far off it was, relative to the largest expected value. */
export interface CheckedPart {
  readonly name: string;
  readonly difference: number;
  readonly allowed: number;
}

/**
 * Lets an engine predict and train a small network of every op, in 2D and 3D, and compares
 * logits, loss and updated weights with plain float64 loops.
 *
 * @returns whether it may train, and a report for whoever maintains the device or this program
 */
export async function checkEngine(engine: Engine): Promise<EngineCheck> {
  const started = secondsNow();
  const parts: CheckedPart[] = [];
  let failure: string | null = null;
  try {
    for (const spec of checkSpecs()) parts.push(...(await checkOn(engine, spec)));
  } catch (error) {
    failure = messageOf(error);
  }
  const wrong = parts.filter(({ difference, allowed }) => !(difference <= allowed));
  const passed = failure === null && wrong.length === 0;
  const summary = failure ?? (passed ? "passed" : wrong.map(shown).join("; "));
  const seconds = secondsNow() - started;
  return { passed, summary, seconds, report: reportOf(engine, { passed, failure, parts }) };
}

function reportOf(
  { backend, device }: Engine,
  { passed, failure, parts }: { passed: boolean; failure: string | null; parts: CheckedPart[] },
): string {
  return [
    `engine check: ${passed ? "passed" : "FAILED"}`,
    `backend: ${backend}`,
    `device: ${device}`,
    ...(failure === null ? [] : [`error: ${failure}`]),
    ...parts.map(
      ({ name, difference, allowed }) =>
        `${difference <= allowed ? "ok   " : "WRONG"} ${name}: ${difference.toExponential(2)} of ${allowed}`,
    ),
  ].join("\n");
}

const shown = ({ name, difference, allowed }: CheckedPart): string =>
  `${name} is off by ${difference.toExponential(1)}, ${allowed.toExponential(0)} is allowed`;

async function checkOn(engine: Engine, spec: ModelSpec): Promise<CheckedPart[]> {
  const { input } = spec;
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
      ...[...expected.weights].map(([name, values]) =>
        part(`${dimensions} update of ${name}`, learned.get(name) ?? [], values, 1e-3),
      ),
    ];
  } finally {
    model.dispose();
  }
}

function expectedOf(spec: ModelSpec, given: Weights, images: Float32Array, classes: Uint8Array) {
  const graph = differentiate(placeConcats(fuse(record(spec.network, spec.input))));
  const weights = new Map([...given].map(([name, values]) => [name, Float64Array.from(values)]));
  const image = Float64Array.from(images);
  const predicting = placeConcats(fuse(record(spec.network, spec.input, "inference")));
  const logits = new Interpreter(predicting, weights).forward(image);
  const oracle = new Interpreter(graph, weights);
  oracle.forward(image);
  oracle.backward(graph.backward, classes, spec.loss);
  const learned = [...oracle.gradients].map(([name, gradient]) => {
    const state = unoptimised(spec.optimiser, given.get(name) ?? new Float32Array());
    optimiserReference(state, gradient, spec.optimiser, rate, 1);
    return [name, state.weights] as const;
  });
  return { logits, loss: oracle.loss, weights: new Map([...learned, ...oracle.running()]) };
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
