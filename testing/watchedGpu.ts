/** What a program asked of a device that it got through `watchedGpu`. */
export interface DeviceWatch {
  readonly calls: Record<"createBuffer" | "createBindGroup" | "pipelines" | "dispatches", number>;
  /** Buffers by label, those destroyed left out. */
  buffers(label: string): GPUBuffer[];
  readonly liveBytes: number;
  readonly device: GPUDevice;
}

/** A GPU whose devices count what is made on them. */
export function watchedGpu(gpu: GPU): { gpu: GPU; watches: DeviceWatch[] } {
  const watches: DeviceWatch[] = [];
  const watched = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await gpu.requestAdapter(options);
      if (!adapter) return null;
      const requestDevice = adapter.requestDevice.bind(adapter);
      return Object.assign(adapter, {
        requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
          const device = await requestDevice(descriptor);
          watches.push(watch(device));
          return device;
        },
      });
    },
  };
  return { gpu: watched as unknown as GPU, watches };
}

function watch(device: GPUDevice): DeviceWatch {
  const live = new Set<GPUBuffer>();
  const calls = { createBuffer: 0, createBindGroup: 0, pipelines: 0, dispatches: 0 };
  const { createBuffer, createBindGroup, createComputePipelineAsync, createCommandEncoder } = {
    createBuffer: device.createBuffer.bind(device),
    createBindGroup: device.createBindGroup.bind(device),
    createComputePipelineAsync: device.createComputePipelineAsync.bind(device),
    createCommandEncoder: device.createCommandEncoder.bind(device),
  };
  Object.assign(device, {
    createBuffer: (descriptor: GPUBufferDescriptor) => {
      calls.createBuffer++;
      const buffer = createBuffer(descriptor);
      live.add(buffer);
      const destroy = buffer.destroy.bind(buffer);
      Object.assign(buffer, {
        destroy: () => {
          live.delete(buffer);
          destroy();
        },
      });
      return buffer;
    },
    createBindGroup: (descriptor: GPUBindGroupDescriptor) => {
      calls.createBindGroup++;
      return createBindGroup(descriptor);
    },
    createComputePipelineAsync: (descriptor: GPUComputePipelineDescriptor) => {
      calls.pipelines++;
      return createComputePipelineAsync(descriptor);
    },
    createCommandEncoder: (descriptor?: GPUCommandEncoderDescriptor) => {
      const encoder = createCommandEncoder(descriptor);
      const beginComputePass = encoder.beginComputePass.bind(encoder);
      return Object.assign(encoder, {
        beginComputePass: () => {
          const pass = beginComputePass();
          const dispatch = pass.dispatchWorkgroups.bind(pass);
          return Object.assign(pass, {
            dispatchWorkgroups: (x: number, y?: number, z?: number) => {
              calls.dispatches++;
              dispatch(x, y, z);
            },
          });
        },
      });
    },
  });
  return {
    calls,
    device,
    buffers: (label) => [...live].filter((buffer) => buffer.label === label),
    get liveBytes() {
      return [...live].reduce((sum, buffer) => sum + buffer.size, 0);
    },
  };
}
