import { parseArgs } from "node:util";
import type { DeviceChoice } from "#core/experiment/device.ts";
import { serveTrials } from "./serveTrials.ts";

/** Entry of a training process; `trialProcess.ts` starts it. */
const { values } = parseArgs({
  options: {
    cohort: { type: "string", default: "." },
    backend: { type: "string", default: "auto" },
    threads: { type: "string", default: "1" },
    settings: { type: "string" },
    checkpoints: { type: "string" },
  },
});
await serveTrials({
  cohort: values.cohort,
  backend: values.backend as DeviceChoice,
  threads: Number(values.threads),
  settings: values.settings,
  ...(values.checkpoints === undefined ? {} : { checkpoints: values.checkpoints }),
});
