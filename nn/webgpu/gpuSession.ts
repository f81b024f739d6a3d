import { messageOf, PlannerError } from "#core/errors.ts";
import { describeAdapter, isSoftwareAdapter } from "../devices/probeWebgpu.ts";
import { type Kernel, uniformBinding, uniformStride } from "./kernel.ts";
import type { DeviceTraits } from "./stepPlan.ts";
import { hardwareTuning, softwareTuning, type Tuning } from "./tuning.ts";

/**
 * One GPUDevice with its compiled kernels. After the first error that the device reports,
 * `check` throws for ever: numbers of a broken device are not numbers.
 */
export class GpuSession {
  readonly device: GPUDevice;
  readonly description: string;
  readonly traits: DeviceTraits;
  readonly bindGroupLayout: GPUBindGroupLayout;
  readonly #pipelineLayout: GPUPipelineLayout;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  #failure: string | null = null;
  #closed = false;

  private constructor(device: GPUDevice, info: GPUAdapterInfo, tuning?: Tuning) {
    this.device = device;
    this.description = describeAdapter(info);
    this.traits = {
      tuning: tuning ?? (isSoftwareAdapter(info) ? softwareTuning : hardwareTuning),
      capacity: Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize),
    };
    this.bindGroupLayout = device.createBindGroupLayout({ entries: layoutEntries() });
    this.#pipelineLayout = device.createPipelineLayout({
      bindGroupLayouts: [this.bindGroupLayout],
    });
    device.addEventListener("uncapturederror", (event) => {
      this.#failure ??= `the GPU reported: ${event.error.message}`;
    });
    void device.lost.then(({ message, reason }) => {
      if (!this.#closed) this.#failure ??= `the GPU was lost: ${message || reason}`;
    });
  }

  /**
   * @param tuning - chosen by the adapter unless given
   * @throws PlannerError "device" when there is no adapter or it refuses
   */
  static async open(gpu: GPU, tuning?: Tuning): Promise<GpuSession> {
    try {
      const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
      if (!adapter)
        throw new PlannerError("device", "no WebGPU adapter was found; choose the CPU path");
      const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
      const device = await adapter.requestDevice({
        requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
      });
      return new GpuSession(device, adapter.info, tuning);
    } catch (error) {
      if (error instanceof PlannerError) throw error;
      throw new PlannerError("device", `the GPU did not start (${messageOf(error)})`, {
        cause: error,
      });
    }
  }

  /** @throws PlannerError "device" when the device has failed or was closed */
  check(): void {
    if (this.#closed) throw new PlannerError("device", "the engine was closed; start it again");
    if (this.#failure)
      throw new PlannerError("device", `${this.#failure}; reload to start the device again`);
  }

  /** Runs what talks to the device; whatever goes wrong is the device's error. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    try {
      const result = await work();
      this.check();
      return result;
    } catch (error) {
      if (error instanceof PlannerError) throw error;
      this.check();
      throw new PlannerError("device", `the GPU failed: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The compiled kernel, the same for the same name. */
  pipeline(kernel: Kernel): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(kernel.name);
    if (known) return known;
    const module = this.device.createShaderModule({ code: kernel.code, label: kernel.name });
    const made = this.device.createComputePipelineAsync({
      label: kernel.name,
      layout: this.#pipelineLayout,
      compute: { module, entryPoint: "main" },
    });
    this.#pipelines.set(kernel.name, made);
    return made;
  }

  /**
   * Makes buffers, or says that there is no room for them; the device stays sound.
   *
   * @throws PlannerError "device" when memory is short
   */
  async allocate<T extends Record<string, GPUBuffer>>(make: () => T): Promise<T> {
    this.device.pushErrorScope("out-of-memory");
    const made = make();
    const error = await this.device.popErrorScope();
    if (!error) return made;
    const bytes = Object.values(made).reduce((sum, { size }) => sum + size, 0);
    for (const buffer of Object.values(made)) buffer.destroy();
    throw new PlannerError(
      "device",
      `the GPU has no room for another ${Math.ceil(bytes / 2 ** 20)} MB; use a smaller batch or patch, or close other pages that use it`,
    );
  }

  buffer(label: string, bytes: number, usage: number): GPUBuffer {
    return this.device.createBuffer({ label, size: Math.ceil(bytes / 16) * 16, usage });
  }

  close(): void {
    this.#closed = true;
    this.device.destroy();
  }
}

function layoutEntries(): GPUBindGroupLayoutEntry[] {
  const types: GPUBufferBindingType[] = [
    ...(["storage", "storage", "storage", "storage"] as const),
    ...(["read-only-storage", "read-only-storage", "read-only-storage", "uniform"] as const),
  ];
  return [
    ...types.map((type, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
    {
      binding: uniformBinding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: uniformStride },
    },
  ];
}
