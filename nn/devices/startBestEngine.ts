import { messageOf, PlannerError } from "#core/errors.ts";
import type { Backend, DeviceChoice, DeviceOption, DeviceReport } from "#core/experiment/device.ts";
import type { Engine } from "../engine.ts";
import { checkEngine } from "./checkEngine.ts";
import { chooseDevice } from "./chooseDevice.ts";
import { checkKeyOf, type KnownChecks } from "./engineChecks.ts";

export interface BestEngineOptions {
  readonly choice: DeviceChoice;
  /** What was found on this machine. */
  readonly options: readonly DeviceOption[];
  start(backend: Backend): Promise<Engine>;
  readonly known: KnownChecks;
}

/**
 * Starts the engine that a choice means and lets it train only when it passed the check, once per
 * device and version of the kernels. With the choice "auto" a GPU that does not start or computes
 * wrong numbers makes way for the CPU path, and the report says so.
 *
 * @throws PlannerError "device" when there is no engine that may train
 */
export async function startBestEngine({
  choice,
  options,
  start,
  known,
}: BestEngineOptions): Promise<{ readonly engine: Engine; readonly report: DeviceReport }> {
  const report = chooseDevice(options, choice);
  const refused = (description: string, check: DeviceOption["check"]) => {
    const others = options.map((option) =>
      option.backend === report.chosen
        ? { ...option, available: false, description, ...(check ? { check } : {}) }
        : option,
    );
    // Without another device this throws, and says why.
    return startBestEngine({ choice, options: others, start, known });
  };
  const option = options.find(({ backend }) => backend === report.chosen);
  const name = option?.description ?? report.chosen;
  let engine: Engine;
  try {
    engine = await start(report.chosen);
  } catch (error) {
    if (choice !== "auto" || report.chosen === "cpu" || !isDeviceError(error)) throw error;
    return refused(`${name}: ${messageOf(error)}`, undefined);
  }
  const key = await checkKeyOf(engine);
  if (await known.has(key).catch(() => false)) return { engine, report };
  const check = await checkEngine(engine);
  if (!check.passed) {
    engine.dispose();
    return refused(`${name} computes wrong numbers and must not train: ${check.summary}`, check);
  }
  await known.add(key).catch(() => undefined);
  const checked = report.options.map((one) => (one === option ? { ...one, check } : one));
  return { engine, report: { ...report, options: checked } };
}

const isDeviceError = (error: unknown): boolean =>
  error instanceof PlannerError && error.code === "device";
