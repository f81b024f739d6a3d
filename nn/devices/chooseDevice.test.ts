import { describe, expect, it } from "vitest";
import type { DeviceOption } from "#core/experiment/device.ts";
import { chooseDevice } from "./chooseDevice.ts";
import { probeCpu } from "./probeCpu.ts";
import { describeAdapter, isSoftwareAdapter, probeWebgpu } from "./probeWebgpu.ts";

const cpu: DeviceOption = {
  backend: "cpu",
  available: true,
  description: "WebAssembly with SIMD",
  isSoftware: false,
};
const webgpu = { ...cpu, backend: "webgpu" } as const;
const hardware: DeviceOption = { ...webgpu, description: "nvidia hopper" };
const software: DeviceOption = { ...webgpu, description: "google swiftshader", isSoftware: true };
const missing: DeviceOption = { ...webgpu, available: false, description: "no adapter was found" };

describe("chooseDevice", () => {
  it.each([
    ["hardware", "auto", hardware, "webgpu", "WebGPU runs on hardware here (nvidia hopper)"],
    ["software", "auto", software, "cpu", "WebGPU is only there in software (google swiftshader)"],
    ["none", "auto", missing, "cpu", "WebGPU is not available: no adapter was found"],
    ["hardware", "cpu", hardware, "cpu", "the CPU path was asked for (WebAssembly with SIMD)"],
    ["software", "webgpu", software, "webgpu", "it runs in software and is slow"],
  ] as const)("with %s WebGPU %s means %4$s", (_, choice, gpu, chosen, reason) => {
    const report = chooseDevice([gpu, cpu], choice);
    expect(report.chosen).toBe(chosen);
    expect(report.reason).toContain(reason);
    expect(report.options).toEqual([gpu, cpu]);
  });

  it("refuses a choice that is not there", () => {
    expect(() => chooseDevice([missing, cpu], "webgpu")).toThrow(
      "WebGPU is not available here: no adapter was found; choose another device",
    );
    expect(() => chooseDevice([hardware, { ...cpu, available: false }], "cpu")).toThrow(
      expect.objectContaining({ code: "device" }),
    );
  });
});

describe("isSoftwareAdapter", () => {
  const info = { vendor: "", architecture: "", device: "", description: "" };
  it.each([
    [{ vendor: "google", architecture: "swiftshader" }, true],
    [{ vendor: "mesa", description: "llvmpipe (LLVM 15.0.6, 256 bits)" }, true],
    [{ vendor: "microsoft", description: "Microsoft Basic Render Driver" }, true],
    [{ vendor: "nvidia", isFallbackAdapter: true }, true],
    [{ vendor: "nvidia", architecture: "hopper", description: "NVIDIA H200" }, false],
    [{ vendor: "intel", architecture: "gen-12lp" }, false],
    [{ vendor: "apple", architecture: "metal-3", isFallbackAdapter: false }, false],
    [{}, false],
  ])("%o: %s", (facts, expected) => {
    expect(isSoftwareAdapter({ ...info, ...facts })).toBe(expected);
  });

  it("puts an adapter in words", () => {
    const nvidia = { ...info, vendor: "nvidia", architecture: "hopper" };
    expect(describeAdapter({ ...nvidia, description: "NVIDIA H200" })).toBe(
      "nvidia hopper (NVIDIA H200)",
    );
    expect(describeAdapter(nvidia)).toBe("nvidia hopper");
    expect(describeAdapter(info)).toBe("an adapter without a name");
  });
});

describe("probes", () => {
  it("say why there is no WebGPU", async () => {
    const failing = (requestAdapter: () => Promise<null>) => ({ requestAdapter }) as unknown as GPU;
    expect(await probeWebgpu(undefined)).toMatchObject({
      available: false,
      description: "this browser or runtime has no WebGPU",
    });
    expect(await probeWebgpu(failing(async () => null))).toMatchObject({
      available: false,
      description: "no adapter was found; the driver may be missing or blocked",
    });
    const broken = failing(() => Promise.reject(new Error("blocked")));
    expect((await probeWebgpu(broken)).description).toBe("asking for an adapter failed (blocked)");
  });

  it("find WebAssembly with SIMD in Node", () => {
    expect(probeCpu()).toEqual(cpu);
  });
});
