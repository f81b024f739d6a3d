import { PlannerError } from "#core/errors.ts";
import type { Engine, Model } from "../engine.ts";

/** An engine and whether its device failed since it was started. */
export interface EngineInUse {
  readonly engine: Engine;
  hasFailed(): boolean;
}

/** An engine that notes every failure of its device that passes through it. */
export function watchEngine(engine: Engine): EngineInUse {
  let failed = false;
  const watchedModel = (model: Model): Model => {
    let isOpen = true;
    const noted = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        // What was under way when the model was given up fails, and the device is well.
        if (isOpen && error instanceof PlannerError && error.code === "device") failed = true;
        throw error;
      }
    };
    return {
      stepsAhead: model.stepsAhead,
      get bytes() {
        return model.bytes;
      },
      step: (batch, learningRate) => noted(model.step(batch, learningRate)),
      stepTowards: (images, objective, learningRate) =>
        noted(model.stepTowards(images, objective, learningRate)),
      predict: (images, shape) => noted(model.predict(images, shape)),
      readWeights: () => noted(model.readWeights()),
      readState: () => noted(model.readState()),
      writeState: (state) => noted(model.writeState(state)),
      dispose: () => {
        isOpen = false;
        model.dispose();
      },
    };
  };
  return {
    engine: {
      backend: engine.backend,
      device: engine.device,
      createModel: async (spec, weights) => {
        try {
          return watchedModel(await engine.createModel(spec, weights));
        } catch (error) {
          if (error instanceof PlannerError && error.code === "device") failed = true;
          throw error;
        }
      },
      planMemory: (spec, predicted) => engine.planMemory(spec, predicted),
      dispose: () => engine.dispose(),
    },
    hasFailed: () => failed,
  };
}
