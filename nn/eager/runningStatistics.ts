import * as tf from "@tensorflow/tfjs-core";
import { PlannerError } from "#core/errors.ts";
import type { Description } from "../describeNetwork.ts";
import type { Weights } from "../engine.ts";
import { runningShare } from "../kernels/norm/norm.reference.ts";
import type { BatchNorms } from "./convNetOps.ts";

/** The running means and variances of the batch norms of a network. */
export class RunningStatistics {
  readonly #shapes: Description["statistics"];
  readonly #values = new Map<string, Float32Array>();
  #measured: { readonly name: string; readonly values: tf.Tensor }[] = [];

  constructor({ statistics }: Description, weights: Weights) {
    this.#shapes = statistics;
    this.write(weights);
  }

  /** @throws PlannerError "argument" when one is missing or has another size */
  write(weights: Weights): void {
    for (const [name, [count]] of this.#shapes) {
      const values = weights.get(name);
      if (!values || values.length !== count) {
        throw new PlannerError(
          "argument",
          `weight ${name} must have ${count} values, got ${values?.length ?? "none"}`,
        );
      }
      this.#values.set(name, values.slice());
    }
  }

  read(): Weights {
    return new Map([...this.#values].map(([name, values]) => [name, values.slice()]));
  }

  /** As tensors, by name. */
  tensors(): (readonly [string, tf.Tensor])[] {
    return [...this.#values].map(([name, values]) => [name, tf.tensor1d(values)] as const);
  }

  /** Batch norms whose measurements `settle` takes in. */
  readonly training: BatchNorms = {
    predicts: false,
    onBatch: (name, mean, variance) => {
      this.#measured.push({ name: `${name}.mean`, values: tf.keep(tf.clone(mean)) });
      this.#measured.push({ name: `${name}.variance`, values: tf.keep(tf.clone(variance)) });
    },
  };

  /** Moves the statistics by what was measured since the last call. */
  async settle(): Promise<void> {
    const measured = this.#measured;
    this.#measured = [];
    for (const { name, values } of measured) {
      const batch = await values.data();
      values.dispose();
      const running = this.#values.get(name);
      running?.forEach((value, c) => {
        running[c] = value + runningShare * ((batch[c] ?? 0) - value);
      });
    }
  }
}
