import { describe, expect, it } from "vitest";
import { pauseGate } from "./pauseGate.ts";

describe("pauseGate", () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  it("lets messages in each time it is passed", async () => {
    let turns = 0;
    const { gate } = pauseGate(async () => {
      turns++;
    });
    await gate();
    await gate();
    expect(turns).toBe(2);
  });

  it("holds while paused, also when paused again meanwhile", async () => {
    const { gate, pause, resume } = pauseGate(turn);
    pause();
    let passed = false;
    const passing = gate().then(() => {
      passed = true;
    });
    await turn();
    await turn();
    expect(passed).toBe(false);
    resume();
    pause();
    await turn();
    await turn();
    expect(passed).toBe(false);
    resume();
    await passing;
    expect(passed).toBe(true);
  });
});
