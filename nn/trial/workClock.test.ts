import { describe, expect, it } from "vitest";
import { WorkClock } from "./workClock.ts";

const wait = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

describe("WorkClock", () => {
  it("counts work and not what passing the gate takes", async () => {
    const clock = new WorkClock(() => wait(300));
    await wait(30);
    await clock.gate();
    expect(clock.seconds).toBeGreaterThanOrEqual(0.029);
    expect(clock.seconds).toBeLessThan(0.25);
  });
});
