import type { Random } from "#core/random.ts";
import type { Description } from "./describeNetwork.ts";
import type { Weights } from "./engine.ts";

/**
 * Weights before training: kernels normal with standard deviation sqrt(2 / fan in), or the one
 * the network asks for, norm
 * scales 1, learned slopes 0.25, biases and norm shifts 0; running means 0, variances 1.
 *
 * Every kernel draws from a stream named after it, so that another layer changes no other.
 *
 * Source: He et al. 2015, doi:10.1109/ICCV.2015.123.
 */
export function initialWeights(description: Description, random: Random): Weights {
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of description.weights) {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    const deviation = deviationOf(name, description);
    if (deviation !== null) {
      const stream = random.fork(name);
      for (let index = 0; index < values.length; index++) {
        values[index] = deviation * stream.normal();
      }
    } else if (name.endsWith(".scale")) values.fill(1);
    else if (name.endsWith(".slope")) values.fill(0.25);
    weights.set(name, values);
  }
  for (const [name, shape] of description.statistics) {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    weights.set(name, name.endsWith(".variance") ? values.fill(1) : values);
  }
  return weights;
}

/** Of a weight that is drawn; null for the others. */
function deviationOf(name: string, { fanIn, deviations }: Description): number | null {
  const inputs = fanIn.get(name);
  return deviations.get(name) ?? (inputs === undefined ? null : Math.sqrt(2 / inputs));
}

/** Numbers a network learns. */
export function weightCount({ weights }: Pick<Description, "weights">): number {
  let count = 0;
  for (const shape of weights.values()) count += shape.reduce((product, n) => product * n, 1);
  return count;
}
