import { expect, it } from "vitest";
import { startCpu } from "./startCpu.ts";

it("says so when the WebAssembly files are not there", async () => {
  const files = {
    plain: "/nowhere/a.wasm",
    simd: "/nowhere/b.wasm",
    threadedSimd: "/nowhere/c.wasm",
  };
  await expect(startCpu(files)).rejects.toMatchObject({
    code: "device",
    message: expect.stringMatching(
      /^the CPU path did not start \(.+\); check that the \.wasm files/,
    ),
  });
});
