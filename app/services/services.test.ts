import { describe, expect, it } from "vitest";
import { parseCostModel } from "#core/analysis/cost.ts";
import { parseExperiment } from "#core/experiment/experiment.ts";
import type { Request } from "#workers/protocol.ts";
import { loadSample } from "./sampleCohort.ts";
import { createSession } from "./session.ts";
import { createWakeLock } from "./wakeLock.ts";
import { RestartingWorker, type WorkerLike } from "./workers.ts";

describe("the session", () => {
  const experiment = parseExperiment({
    densities: [0.3],
    volumeFractions: [1],
    strategies: ["uniformRandom"],
  });

  function storage(text: string | null = null) {
    let kept = text;
    return {
      getItem: () => kept,
      setItem: (_: string, value: string) => {
        kept = value;
      },
    };
  }

  it("remembers what was saved, field by field", () => {
    const kept = storage();
    const session = createSession(() => kept);
    session.load();
    session.save({ experiment, cohortId: "c", cohortSource: "sample" });
    const planning = {
      unit: "hours",
      amount: 12.5,
      cost: parseCostModel({ hourlyRate: 30 }),
    } as const;
    session.save({ shown: "f", choice: "cpu", planning });
    expect(createSession(() => kept).load()).toEqual({
      experiment,
      cohortId: "c",
      cohortSource: "sample",
      shown: "f",
      choice: "cpu",
      planning,
    });
  });

  it.each(["", "{", "[]", "3", "null"])("starts afresh from %j", (text) => {
    expect(createSession(() => storage(text)).load()).toMatchObject({
      experiment: null,
      cohortId: null,
      choice: "auto",
    });
  });

  it("keeps the fields that can be read", () => {
    const text = JSON.stringify({ experiment: { densities: [] }, cohortId: "c", choice: "abacus" });
    expect(createSession(() => storage(text)).load()).toEqual({
      experiment: null,
      planning: null,
      cohortId: "c",
      cohortSource: "files",
      shown: null,
      choice: "auto",
    });
  });

  it("goes on where the browser keeps nothing", () => {
    const session = createSession(() => {
      throw new DOMException("denied", "SecurityError");
    });
    expect(session.load().experiment).toBeNull();
    expect(() => session.save({ cohortId: "c" })).not.toThrow();
  });
});

describe("a restarting worker", () => {
  /** Workers that answer openCohort with null, and nothing else. */
  function crew(patience?: number) {
    const workers: (WorkerLike & { terminated: boolean; sent: Request[] })[] = [];
    const runner = new RestartingWorker(() => {
      const worker: (typeof workers)[number] = {
        sent: [],
        terminated: false,
        onmessage: null,
        onerror: null,
        onmessageerror: null,
        postMessage(message) {
          this.sent.push(message);
          if (message.type !== "start" || message.job !== "openCohort") return;
          const data = { type: "done", id: message.id, output: null };
          queueMicrotask(() => this.onmessage?.(new MessageEvent("message", { data })));
        },
        terminate() {
          this.terminated = true;
        },
      };
      workers.push(worker);
      return worker;
    }, patience);
    return { runner, workers };
  }
  const open = { cohortId: "c" };

  it("starts with the first job and stays", async () => {
    const { runner, workers } = crew();
    expect(workers).toHaveLength(0);
    await runner.run("openCohort", open);
    await runner.run("openCohort", open);
    expect(workers).toHaveLength(1);
  });

  it.each(["onerror", "onmessageerror"] as const)(
    "fails jobs under way by %s, and a new one does the next",
    async (event) => {
      const { runner, workers } = crew();
      const lost = runner.run("keepCohorts", { cohortIds: [] });
      const message = { message: "out of memory" };
      workers[0]?.[event]?.(message as unknown as ErrorEvent & MessageEvent);
      await expect(lost).rejects.toMatchObject({ code: "device" });
      await expect(lost).rejects.toThrow(event === "onerror" ? "(out of memory)" : "unreadable");
      expect(workers[0]?.terminated).toBe(true);
      await runner.run("openCohort", open);
      expect(workers).toHaveLength(2);
    },
  );

  it("ends a worker that does not stop when asked to", async () => {
    const { runner, workers } = crew(0.01);
    const stop = new AbortController();
    const stuck = runner.run("keepCohorts", { cohortIds: [] }, { signal: stop.signal });
    stop.abort();
    await expect(stuck).rejects.toThrow("did not stop when asked to");
    expect(workers[0]?.sent.map(({ type }) => type)).toEqual(["start", "cancel"]);
    expect(workers[0]?.terminated).toBe(true);
  });
});

describe("the sample cohort", () => {
  const index = { name: "Sample", files: ["a.nii", "b.nii"], licence: "CC" };

  it("comes with every file that its list names", async () => {
    const get = async (url: unknown) =>
      String(url).endsWith("index.json") ? Response.json(index) : new Response(String(url));
    const { name, files } = await loadSample(get as typeof fetch);
    expect(name).toBe("Sample");
    expect(files.map(({ path }) => path)).toEqual(["a.nii", "b.nii"]);
    expect(await files[1]?.file.text()).toBe("cohorts/hippocampus/b.nii");
  });

  it("says which file is missing", async () => {
    const get = async (url: unknown) =>
      String(url).endsWith("index.json")
        ? Response.json(index)
        : new Response(null, { status: 404 });
    await expect(loadSample(get as typeof fetch)).rejects.toThrow(
      "a.nii of the sample cohort could not be fetched (the server answered 404); check the " +
        "connection and try again",
    );
  });

  it("says that there is no connection, and what is wrong with a list", async () => {
    const offline = async () => {
      throw new TypeError("failed to fetch");
    };
    await expect(loadSample(offline as typeof fetch)).rejects.toThrow("the connection failed");
    const odd = async () => Response.json({ name: "x" });
    await expect(loadSample(odd as typeof fetch)).rejects.toThrow("sample cohort: files must be");
  });
});

describe("the wake lock", () => {
  function browser(request: () => Promise<WakeLockSentinel>) {
    const page = new EventTarget() as EventTarget & { visibilityState: string };
    page.visibilityState = "visible";
    const window = { navigator: { wakeLock: { request } }, document: page };
    return { page, window: window as unknown as Window };
  }

  function sentinel(released: string[], name: string) {
    const target = new EventTarget();
    return Object.assign(target, {
      release: async () => {
        released.push(name);
        target.dispatchEvent(new Event("release"));
      },
    }) as unknown as WakeLockSentinel;
  }

  it("is asked for again when the page comes back, and let go at the end", async () => {
    const released: string[] = [];
    const locks: WakeLockSentinel[] = [];
    const { page, window } = browser(async () => {
      const lock = sentinel(released, `lock ${locks.length + 1}`);
      locks.push(lock);
      return lock;
    });
    const wakeLock = createWakeLock(window);
    await wakeLock.hold();
    expect(locks).toHaveLength(1);
    locks[0]?.dispatchEvent(new Event("release"));
    page.dispatchEvent(new Event("visibilitychange"));
    await Promise.resolve();
    expect(locks).toHaveLength(2);
    await wakeLock.release();
    expect(released).toEqual(["lock 2"]);
    page.dispatchEvent(new Event("visibilitychange"));
    expect(locks).toHaveLength(2);
  });

  it("does without where the browser refuses", async () => {
    const { window } = browser(async () => {
      throw new DOMException("low battery", "NotAllowedError");
    });
    const wakeLock = createWakeLock(window);
    await expect(wakeLock.hold()).resolves.toBeUndefined();
    await expect(wakeLock.release()).resolves.toBeUndefined();
  });
});
