import type { Cohort } from "#core/cohort/cohort.ts";
import type { DeviceChoice, DeviceReport } from "#core/experiment/device.ts";
import type { Trial } from "#core/experiment/trial.ts";
import { seededRandom } from "#core/random.ts";
import type { TrialResult } from "#core/results/result.ts";
import { type KnownVolume, selectSlices } from "#core/selection/selectSlices.ts";
import { analysisJobs } from "#workers/analysisJobs.ts";
import { type Endpoint, type JobRunner, WorkerClient } from "#workers/client.ts";
import { type Handlers, type Scope, serve } from "#workers/host.ts";
import type { ReadCohort } from "#workers/protocol.ts";
import type {
  ResultsDb,
  Services,
  SessionRecord,
  StoredExperiment,
} from "../app/services/services.ts";
import type { WorkerLike } from "../app/services/workers.ts";
import { cohortOf } from "./cohorts.ts";
import { resultOf } from "./results.ts";

export type { Handlers } from "#workers/host.ts";

/** A worker that does scripted jobs: a real host behind a real channel, on this thread. */
export function scriptedWorker(handlers: Handlers): JobRunner & { close(): void } {
  const { port1, port2 } = new MessageChannel();
  serve(port2 as unknown as Scope, handlers);
  const client = new WorkerClient(port1 as unknown as Endpoint);
  return {
    run: (job, input, options) => client.run(job, input, options),
    close: () => {
      port1.close();
      port2.close();
    },
  };
}

/** A worker as a page starts one, that does scripted jobs and cannot be ended. */
export function workerOf(handlers: Handlers): WorkerLike & { close(): void } {
  const { port1, port2 } = new MessageChannel();
  serve(port2 as unknown as Scope, handlers);
  const rest = { onerror: null, onmessageerror: null, terminate: () => undefined };
  const close = () => {
    port1.close();
    port2.close();
  };
  return Object.assign(port1 as unknown as Endpoint, { ...rest, close });
}

/** Experiments and results in memory. */
export function memoryResults(): ResultsDb {
  const results = new Map<string, TrialResult>();
  const experiments = new Map<string, StoredExperiment>();
  return {
    put: async (result) => {
      results.set(`${result.experiment} ${result.trial}`, result);
    },
    all: async (fingerprint) =>
      [...results.values()].filter(({ experiment }) => experiment === fingerprint),
    putExperiment: async (stored) => {
      experiments.set(stored.fingerprint, stored);
    },
    experiment: async (fingerprint) => experiments.get(fingerprint) ?? null,
    experiments: async () => ({
      readable: [...experiments.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
      unreadable: [],
    }),
  };
}

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
/** What reading gives for a cohort. */
export function readingOf(cohort: Cohort): ReadCohort {
  return { cohort, places: {}, unchanged: 0 };
}

const foundDevices = (choice: DeviceChoice): DeviceReport => ({
  options: [
    { backend: "webgpu", available: true, description: "a card", isSoftware: false },
    { backend: "cpu", available: true, description: "WebAssembly", isSoftware: false },
  ],
  chosen: choice === "auto" ? "webgpu" : choice,
  reason: "the test says so",
});

/** Jobs that succeed at once: the sample is ten cases, every trial scores 0.5. */
export function easyJobs(cohort = cohortOf([..."abcdefghij"])): Required<Handlers> {
  return {
    readCohort: async (_, { report }) => {
      report({ done: 1, total: 1, caseId: "a" });
      return { output: readingOf(cohort) };
    },
    reviseCohort: async ({ settings }) => ({ output: { ...cohort, settings } }),
    previewCase: async () => {
      const slice = { shape: [1, 1, 1], spacing: [1, 1, 1], low: 0, high: 1 } as const;
      const drawn = { ...slice, pixels: Uint8Array.of(9), mask: Uint8Array.of(1) };
      return { output: { before: drawn, after: drawn } };
    },
    storage: async () => ({
      output: { used: 2e9, quota: 8e9, volumes: 1e9, inMemory: false },
    }),
    openCohort: async ({ cohortId }) => ({ output: cohortId === cohort.id ? cohort : null }),
    keepCohorts: async () => ({ output: null }),
    ...analysisJobs,
    viewCase: async () => {
      const grid = { shape: [2, 2, 2], spacing: [1, 1, 1], affine: IDENTITY } as const;
      return { output: { grid, voxels: new Uint8Array(8), percentiles: Array(101).fill(0) } };
    },
    viewMask: async () => ({ output: { voxels: new Uint8Array(8), labels: [1] } }),
    drawThumbnails: async ({ slices }) => ({
      output: slices.map(() => ({ width: 1, height: 1, rgba: new Uint8ClampedArray(4) })),
    }),
    compareSelections: async ({ source, rules, seed }) => {
      const volumes = source.caseIds.map((id) => knownVolume(id));
      const selected = rules.map((rule) => selectSlices(volumes, rule, seededRandom(seed)));
      return { output: { volumes: volumes.map(({ features: _, ...rest }) => rest), selected } };
    },
    mapSlices: async ({ source }) => ({
      output: { places: Float32Array.from({ length: 40 * source.caseIds.length }, (_, k) => k) },
    }),
    probeDevices: async ({ choice }) => ({ output: foundDevices(choice) }),
    checkDevice: async ({ choice }) => ({ output: foundDevices(choice) }),
    calibrate: async () => ({
      output: { secondsPerStep: 0.1, secondsPerSlice: 0.01, secondsPerStart: 1 },
    }),
    runTrial: async ({ trial, experiment }, { report }) => {
      const steps = trial.training.iterations;
      report({ phase: "train", step: steps, steps, loss: 0.3, secondsPerStep: 0.1 });
      return { output: { deviceFailed: false, result: doneResult(trial, experiment) } };
    },
  };
}

/** Twenty slices 2 mm apart, of which a few in the middle show the target. */
function knownVolume(id: string): KnownVolume {
  const random = seededRandom(1).fork(id);
  const values = Float32Array.from({ length: 60 }, () => random.normal());
  const hasTarget = Array.from({ length: 20 }, (_, z) => z >= 8 && z < 12);
  return { id, depth: 20, spacingMm: 2, features: { count: 20, length: 3, values }, hasTarget };
}

/** A finished trial. */
export function doneResult(
  { id, configuration, repeat, seed }: Trial,
  experiment: string,
): TrialResult {
  return resultOf(configuration, repeat, [0.5], { trial: id, seed, experiment });
}

/** Services of a page around scripted jobs; nothing outlives them but what is passed in. */
export function pageServices(
  handlers: Handlers,
  over: Partial<Services> & { readonly saved?: Partial<SessionRecord> } = {},
) {
  const worker = scriptedWorker(handlers);
  let saved: SessionRecord = {
    experiment: null,
    cohortId: null,
    cohortSource: "files",
    shown: null,
    choice: "auto",
    planning: null,
    ...over.saved,
  };
  let isAwake = false;
  let time = 0;
  const services: Services = {
    cohortWorker: worker,
    viewWorker: worker,
    analysisWorker: worker,
    trialWorker: worker,
    results: memoryResults(),
    session: {
      load: () => saved,
      save: (change) => {
        saved = { ...saved, ...change };
      },
    },
    wakeLock: {
      hold: async () => {
        isAwake = true;
      },
      release: async () => {
        isAwake = false;
      },
    },
    loadSample: async () => ({
      name: "Sample",
      files: [{ path: "a.nii", file: new Blob(["x"]) }],
    }),
    now: () => {
      time += 1000;
      return time;
    },
    ...over,
  };
  return { services, saved: () => saved, isAwake: () => isAwake, close: () => worker.close() };
}
