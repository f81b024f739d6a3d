import { messageOf } from "#core/errors.ts";
import type { DeviceOption } from "#core/experiment/device.ts";

/**
 * What WebGPU is on this machine. Asks for an adapter and starts no device.
 *
 * @param gpu - `navigator.gpu`, or Dawn's in Node; undefined where there is none
 */
export async function probeWebgpu(gpu: GPU | undefined): Promise<DeviceOption> {
  if (!gpu) return missing("this browser or runtime has no WebGPU");
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return missing("no adapter was found; the driver may be missing or blocked");
    return {
      backend: "webgpu",
      available: true,
      description: describeAdapter(adapter.info),
      isSoftware: isSoftwareAdapter(adapter.info),
      largestBuffer: Math.min(
        adapter.limits.maxBufferSize,
        adapter.limits.maxStorageBufferBindingSize,
      ),
    };
  } catch (error) {
    return missing(`asking for an adapter failed (${messageOf(error)})`);
  }
}

/** What of an adapter's description is looked at. */
export type AdapterFacts = Pick<
  GPUAdapterInfo,
  "vendor" | "architecture" | "device" | "description"
> & { readonly isFallbackAdapter?: boolean };

/** An adapter in words, e.g. "nvidia hopper (NVIDIA H200)". */
export function describeAdapter(info: AdapterFacts): string {
  const kind = [info.vendor, info.architecture].filter(Boolean).join(" ");
  const detail = info.description || info.device;
  if (!kind) return detail || "an adapter without a name";
  return detail ? `${kind} (${detail})` : kind;
}

/** Whether an adapter computes on the processor instead of on a graphics card. */
export function isSoftwareAdapter(info: AdapterFacts): boolean {
  if (info.isFallbackAdapter) return true;
  const text = [info.vendor, info.architecture, info.device, info.description].join(" ");
  return /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b|software/i.test(text);
}

function missing(description: string): DeviceOption {
  return { backend: "webgpu", available: false, description, isSoftware: false };
}
