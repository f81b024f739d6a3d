import { describe, expect, it } from "vitest";
import { hash32, hashText } from "./hash.ts";

describe("hash32", () => {
  it.each([
    ["", 2872998923],
    ["1/volumes", 3307977646],
  ])("of %j is %d: the seeds of stored results depend on it", (text, hash) => {
    expect(hash32(text)).toBe(hash);
  });

  it("tells 100,000 short texts apart about as often as chance would", () => {
    const seen = new Set<number>();
    for (let index = 0; index < 100_000; index++) seen.add(hash32(`case ${index}`));
    expect(100_000 - seen.size).toBeLessThan(8); // 1.2 collisions are expected
  });
});

describe("hashText", () => {
  it("is 16 hexadecimal digits and sees every character", () => {
    expect(hashText("slicewise")).toBe("2efdcb16b9d7f422");
    expect(hashText("ab")).not.toBe(hashText("ba"));
  });
});
