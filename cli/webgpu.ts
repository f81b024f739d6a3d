/**
 * WebGPU in Node, by way of Dawn; undefined where its package has no binary for this
 * system. Which driver is used is the Vulkan loader's business (`VK_DRIVER_FILES`).
 */
export async function loadWebgpu(): Promise<GPU | undefined> {
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    return create([]);
  } catch {
    return undefined;
  }
}
