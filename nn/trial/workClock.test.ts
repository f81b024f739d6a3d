import { describe, expect, it } from "vitest";
import { WorkClock } from "./workClock.ts";

const wait = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

describe("WorkClock", () => {
  it("counts work and not what passing the gate takes", async () => {
    const before = performance.now();
    const clock = new WorkClock(() => wait(200));
    await wait(20);
    await clock.gate();
    const worked = clock.seconds;
    const elapsed = (performance.now() - before) / 1000;
    expect(worked).toBeGreaterThanOrEqual(0.019);
    expect(elapsed - worked).toBeGreaterThanOrEqual(0.199);
  });
});
