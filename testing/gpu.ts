import { existsSync } from "node:fs";
import { constants } from "node:os";

/** Debian's Chromium brings a software driver and a Vulkan loader: correct, slow. */
const chromium = "/usr/lib/chromium";
const swiftShader = `${chromium}/vk_swiftshader_icd.json`;
const loader = `${chromium}/libvulkan.so.1`;

/** Keeps a library in the process although Node closes what is no addon of its own. */
const RTLD_NODELETE = 0x1000;

export interface TestGpu {
  /** undefined where no adapter was found */
  readonly gpu: GPU | undefined;
  /** Why there is none. */
  readonly reason: string;
}

/**
 * WebGPU in Node for tests, by way of Dawn: with the driver that `VK_DRIVER_FILES` names,
 * else with SwiftShader.
 */
export async function openTestGpu(): Promise<TestGpu> {
  if (!process.env["VK_DRIVER_FILES"] && existsSync(swiftShader)) {
    process.env["VK_DRIVER_FILES"] = swiftShader;
  }
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    if (await create([]).requestAdapter()) return { gpu: create([]), reason: "" };
    loadVulkan();
    const gpu = create([]);
    if (await gpu.requestAdapter()) return { gpu, reason: "" };
    return { gpu: undefined, reason: "no adapter was found; install libvulkan1 and chromium" };
  } catch (error) {
    return { gpu: undefined, reason: `the package webgpu did not load: ${error}` };
  }
}

/** Where the system has no Vulkan loader, Dawn finds that of Chromium if it is loaded already. */
function loadVulkan(): void {
  if (!existsSync(loader)) return;
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // It is no addon, says Node, and that is true; it stays loaded.
  }
}
