import { PlannerError } from "#core/errors.ts";
import type { Backend, DeviceChoice, DeviceOption, DeviceReport } from "#core/experiment/device.ts";

/**
 * The device a choice means on this machine. `auto` takes WebGPU on real hardware, else
 * the CPU path: a software adapter is correct but slower than that.
 *
 * @throws PlannerError "device" when the choice is not available
 */
export function chooseDevice(options: readonly DeviceOption[], choice: DeviceChoice): DeviceReport {
  const chosen = choice === "auto" ? automatic(options) : choice;
  const option = options.find(({ backend }) => backend === chosen);
  if (!option?.available) {
    throw new PlannerError(
      "device",
      `${names[chosen]} is not available here: ${option?.description ?? "nobody looked for it"}; ` +
        "choose another device",
    );
  }
  return { options, chosen, reason: reasonFor(options, choice, option) };
}

const names: Record<Backend, string> = { webgpu: "WebGPU", cpu: "the CPU path" };

function automatic(options: readonly DeviceOption[]): Backend {
  const isHardwareThere = options.some(
    ({ backend, available, isSoftware }) => backend === "webgpu" && available && !isSoftware,
  );
  return isHardwareThere ? "webgpu" : "cpu";
}

function reasonFor(
  options: readonly DeviceOption[],
  choice: DeviceChoice,
  chosen: DeviceOption,
): string {
  const device = chosen.description;
  if (choice !== "auto") {
    const remark = chosen.isSoftware ? "; it runs in software and is slow" : "";
    return `${names[choice]} was asked for (${device})${remark}`;
  }
  if (chosen.backend === "webgpu") return `WebGPU runs on hardware here (${device})`;
  const gpu = options.find(({ backend }) => backend === "webgpu");
  if (gpu?.available) {
    return `WebGPU is only there in software (${gpu.description}), which is slower than the CPU path`;
  }
  return `WebGPU is not available: ${gpu?.description ?? "nobody looked for it"}`;
}
