import * as v from "valibot";
import { PlannerError } from "#core/errors.ts";
import { parseAs, rules } from "#core/schema.ts";
import type { Engine } from "#nn/engine.ts";
import { StepsUnderWay } from "#nn/training/stepsUnderWay.ts";
import { benchAdam, defaultSpecs, type UnetSpec, unetWorkload } from "./unetWorkload.ts";

/** A job as benchmark harnesses hand it over. */
export interface BenchJob {
  readonly spec: UnetSpec;
  /** Steps that are not timed: they compile and warm caches. */
  readonly warmup: number;
  readonly steps: number;
}

/** What a job measured; field names as harnesses read them. */
export interface BenchReport {
  readonly workload: string;
  readonly engine: string;
  readonly adapter: { readonly description: string };
  /** One per step, warm-up included, each before its update. */
  readonly losses: readonly number[];
  readonly warmup_ms: readonly number[];
  readonly step_ms: readonly number[];
  readonly median_ms: number;
  readonly first_step_ms: number;
  readonly flops_per_step: number;
  readonly gflops: number;
}

const jobSchema = v.object({
  spec: v.looseObject({
    workload: v.string("a workload"),
    up: v.optional(v.string("nearest or bilinear")),
    norm: v.optional(v.picklist(["none", "instance"], "none or instance"), "none"),
  }),
  warmup: v.optional(rules.integer(0, 1000), 2),
  steps: v.optional(rules.integer(1, 100_000), 6),
});

const sizesSchema = ({ size, batch, base, depth, classes }: UnetSpec) =>
  v.object({
    size: v.optional(rules.integer(4, 4096), size),
    batch: v.optional(rules.integer(1, 1024), batch),
    base: v.optional(rules.integer(1, 512), base),
    depth: v.optional(rules.integer(1, 8), depth),
    classes: v.optional(rules.integer(2, 64), classes),
  });

/**
 * A job from unknown data, defaults filled in.
 *
 * @throws PlannerError "argument" for a workload this engine does not run
 */
export function parseBenchJob(value: unknown): BenchJob {
  const { spec, warmup, steps } = parseAs(jobSchema, value, "bench job", "argument");
  const { workload, up, norm } = spec;
  if (workload !== "unet2d" && workload !== "unet3d") {
    throw new PlannerError("argument", `workload must be unet2d or unet3d, got ${workload}`);
  }
  if (up !== undefined && up !== "bilinear") {
    throw new PlannerError("argument", `up must be bilinear for this engine, got ${up}`);
  }
  const sizes = parseAs(sizesSchema(defaultSpecs[workload]), spec, "bench job: spec", "argument");
  return { spec: { workload, norm, ...sizes }, warmup, steps };
}

/** Runs a job on an engine; each step waits for its loss. */
export async function bench(
  { spec, warmup, steps }: BenchJob,
  engine: Engine,
): Promise<BenchReport> {
  const { model, batch, learningRate, flopsPerStep } = await modelOf(engine, spec);
  try {
    const losses: number[] = [];
    const milliseconds: number[] = [];
    for (let step = 0; step < warmup + steps; step++) {
      const started = performance.now();
      losses.push(await model.step(batch, learningRate));
      milliseconds.push(performance.now() - started);
    }
    const timed = milliseconds.slice(warmup);
    const median = [...timed].sort((a, b) => a - b)[timed.length >> 1] as number;
    return {
      workload: spec.workload,
      engine: `slicewise-${engine.backend}`,
      adapter: { description: engine.device },
      losses,
      warmup_ms: milliseconds.slice(0, warmup),
      step_ms: timed,
      median_ms: median,
      first_step_ms: milliseconds[0] as number,
      flops_per_step: flopsPerStep,
      gflops: flopsPerStep / median / 1e6,
    };
  } finally {
    model.dispose();
  }
}

/** Losses of so many steps, several under way at once where the engine allows it. */
export async function trainOn(engine: Engine, spec: UnetSpec, steps: number): Promise<number[]> {
  const { model, batch, learningRate } = await modelOf(engine, spec);
  const losses: number[] = [];
  const underWay = new StepsUnderWay(model.stepsAhead, (loss) => void losses.push(loss));
  try {
    for (let step = 0; step < steps; step++) {
      await underWay.room();
      underWay.add(model.step(batch, learningRate));
    }
    await underWay.end();
    return losses;
  } finally {
    model.dispose();
  }
}

async function modelOf(engine: Engine, spec: UnetSpec) {
  const { network, input, weights, images, classes, flopsPerStep } = unetWorkload(spec);
  const { learningRate, ...adam } = benchAdam;
  const model = await engine.createModel(
    {
      ...{ network, input, classes: spec.classes, loss: { crossEntropy: 1, dice: 0 } },
      optimiser: { kind: "adamw", weightDecay: 0, ...adam },
    },
    weights,
  );
  return { model, batch: { images, classes }, learningRate, flopsPerStep };
}
