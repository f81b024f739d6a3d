import { afterEach, describe, expect, it } from "vitest";
import { PlannerError } from "#core/errors.ts";
import { defaultRecipe } from "#core/experiment/recipe.ts";
import { type Endpoint, Hold, isAbort, WorkerClient } from "./client.ts";
import { type Handlers, type Scope, serve } from "./host.ts";
import type { Jobs } from "./protocol.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A client and a host joined by a real channel: cloning and transfer are real. */
function joined(handlers: Handlers) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve(port2 as unknown as Scope, handlers);
  return { client: new WorkerClient(port1 as unknown as Endpoint), port: port1 };
}

const open = { cohortId: "a" };
const calibration: Jobs["calibrate"]["input"] = {
  choice: "cpu",
  network: "unet2d",
  classes: 2,
  shape: [8, 8, 8],
  training: {
    networkSize: "XS",
    iterations: 3,
    batchSize: 1,
    learningRate: 0.1,
    patch: "auto",
    recipe: defaultRecipe,
  },
};
const speed = { secondsPerStep: 1, secondsPerSlice: 2, secondsPerStart: 3 };

describe("a worker's client and host", () => {
  it("brings the input over and the output back", async () => {
    const { client } = joined({
      keepCohorts: async ({ cohortIds }) => {
        expect(cohortIds).toEqual(["a", "b"]);
        return { output: null };
      },
    });
    expect(await client.run("keepCohorts", { cohortIds: ["a", "b"] })).toBeNull();
  });

  it("keeps apart jobs that run at the same time", async () => {
    const waiting: (() => void)[] = [];
    const { client } = joined({
      calibrate: async ({ shape }) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { output: { ...speed, secondsPerStep: shape[0] } };
      },
      openCohort: async () => {
        // The second one first.
        for (const resolve of waiting.reverse()) resolve();
        return { output: null };
      },
    });
    const first = client.run("calibrate", { ...calibration, shape: [1, 1, 1] });
    const second = client.run("calibrate", { ...calibration, shape: [2, 2, 2] });
    await client.run("openCohort", open);
    expect((await second).secondsPerStep).toBe(2);
    expect((await first).secondsPerStep).toBe(1);
  });

  it("reports progress in order before the end", async () => {
    const { client } = joined({
      readCohort: async (_, { report }) => {
        for (const done of [1, 2, 3]) report({ done, total: 3, caseId: `case${done}` });
        const cohort = {
          id: "x",
          name: "n",
          layout: null,
          labelNames: {},
          cases: [],
          problems: [],
        };
        return { output: { cohort, places: {}, unchanged: 0 } };
      },
    });
    const seen: number[] = [];
    await client.run(
      "readCohort",
      { name: "n", files: [{ path: "a", file: new Blob(["x"]) }] },
      { onProgress: ({ done }) => seen.push(done) },
    );
    expect(seen).toEqual([1, 2, 3]);
  });

  it("keeps the code of a planner error and the words of any other", async () => {
    const { client } = joined({
      openCohort: async () => {
        throw new PlannerError("storage", "the storage is full; free some space");
      },
      keepCohorts: async () => {
        throw new TypeError("cannot read x");
      },
    });
    const error = await client.run("openCohort", open).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlannerError);
    expect(error).toMatchObject({
      code: "storage",
      message: "the storage is full; free some space",
    });
    await expect(client.run("keepCohorts", { cohortIds: [] })).rejects.toMatchObject({
      name: "TypeError",
      message: "cannot read x",
    });
  });

  it("refuses a job the worker does not have", async () => {
    const { client } = joined({});
    await expect(client.run("openCohort", open)).rejects.toThrow(
      "this worker has no job named openCohort",
    );
  });

  it.each([
    { what: "an unknown job", message: { type: "start", id: 7, job: "format", input: {} } },
    { what: "no input", message: { type: "start", id: 7, job: "openCohort" } },
    { what: "an unknown type", message: { type: "begin", id: 7 } },
  ])("answers a message with $what as failed", async ({ message }) => {
    const { port } = joined({ openCohort: async () => ({ output: null }) });
    const reply = new Promise((resolve) => {
      port.onmessage = ({ data }) => resolve(data);
    });
    port.postMessage(message);
    expect(await reply).toMatchObject({
      type: "failed",
      id: 7,
      error: { message: "the message must be a request, got something else" },
    });
  });

  it("goes on after messages that are no requests at all", async () => {
    const { client, port } = joined({ openCohort: async () => ({ output: null }) });
    for (const message of [null, 3, "cancel", {}, { type: "cancel", id: "1" }]) {
      port.postMessage(message);
    }
    expect(await client.run("openCohort", open)).toBeNull();
  });

  it("stops a job at its next step when it is cancelled, and only that one", async () => {
    let steps = 0;
    const { client } = joined({
      calibrate: async (_, { signal, gate }) => {
        for (;;) {
          await gate();
          signal.throwIfAborted();
          steps++;
        }
      },
      openCohort: async () => ({ output: null }),
    });
    const stop = new AbortController();
    const job = client.run("calibrate", calibration, { signal: stop.signal });
    await client.run("openCohort", open);
    stop.abort();
    const error = await job.catch((thrown: unknown) => thrown);
    expect(isAbort(error)).toBe(true);
    const stepsAtEnd = steps;
    await client.run("openCohort", open);
    expect(steps).toBe(stepsAtEnd);
  });

  it("does not start what was cancelled before", async () => {
    const { client } = joined({ openCohort: async () => ({ output: null }) });
    const signal = AbortSignal.abort();
    const error = await client.run("openCohort", open, { signal }).catch((thrown) => thrown);
    expect(isAbort(error)).toBe(true);
  });

  it("holds a job between two steps and lets it go on", async () => {
    let steps = 0;
    const { client } = joined({
      calibrate: async (_, { signal, gate }) => {
        for (; steps < 1e6; steps++) {
          await gate();
          signal.throwIfAborted();
        }
        return { output: speed };
      },
      openCohort: async () => ({ output: null }),
    });
    const stop = new AbortController();
    const hold = new Hold();
    const job = client.run("calibrate", calibration, { hold, signal: stop.signal });
    await client.run("openCohort", open);
    hold.set(true);
    await client.run("openCohort", open);
    const held = steps;
    for (let turn = 0; turn < 20; turn++) await client.run("openCohort", open);
    expect(steps).toBe(held);
    hold.set(false);
    for (let turn = 0; turn < 20; turn++) await client.run("openCohort", open);
    expect(steps).toBeGreaterThan(held);
    // Cancelled while held: it must still stop.
    hold.set(true);
    stop.abort();
    expect(isAbort(await job.catch((thrown: unknown) => thrown))).toBe(true);
  });

  it("holds a job from its start when it was started on hold", async () => {
    let steps = 0;
    const { client } = joined({
      calibrate: async (_, { gate }) => {
        await gate();
        steps++;
        return { output: speed };
      },
      openCohort: async () => ({ output: null }),
    });
    const hold = new Hold();
    hold.set(true);
    const job = client.run("calibrate", calibration, { hold });
    for (let turn = 0; turn < 20; turn++) await client.run("openCohort", open);
    expect(steps).toBe(0);
    hold.set(false);
    expect(await job).toEqual(speed);
  });

  it("fails every job under way and to come when it is closed", async () => {
    const { client } = joined({ openCohort: () => new Promise(() => undefined) });
    const job = client.run("openCohort", open);
    client.close(new PlannerError("device", "the worker died; try again"));
    await expect(job).rejects.toThrow("the worker died");
    await expect(client.run("openCohort", open)).rejects.toThrow("the worker died");
  });

  it("refuses an input that cannot be sent", async () => {
    const { client } = joined({ openCohort: async () => ({ output: null }) });
    const input = { cohortId: (() => "a") as unknown as string };
    await expect(client.run("openCohort", input)).rejects.toThrow(
      "the input of openCohort cannot be sent",
    );
  });

  it("answers as failed when the output cannot be sent", async () => {
    const { client } = joined({
      openCohort: async () => ({ output: { bad: () => 1 } as unknown as null }),
    });
    await expect(client.run("openCohort", open)).rejects.toThrow();
  });
});
