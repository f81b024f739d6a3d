import { afterEach, describe, expect, it } from "vitest";
import { isUsable } from "#core/cohort/cohort.ts";
import { parseSettings } from "#core/cohort/settings.ts";
import { PlannerError } from "#core/errors.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { memoryLocks } from "../testing/memoryLocks.ts";
import { type Endpoint, WorkerClient } from "./client.ts";
import { type CohortTools, cohortJobs } from "./cohortJobs.ts";
import { type FileArea, memoryArea } from "./fileArea.ts";
import { type Scope, serve } from "./host.ts";
import { PreparedCases } from "./preparedCases.ts";
import type { CohortFile } from "./protocol.ts";
import { createVoxelStore } from "./voxelStore.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function worker(area: FileArea = memoryArea(), tools: CohortTools = {}) {
  const store = createVoxelStore(area);
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve(
    port2 as unknown as Scope,
    cohortJobs(async () => store, tools),
  );
  return { client: new WorkerClient(port1 as unknown as Endpoint), store };
}

function pairOf(id: string, modified = 1, seed = 3): CohortFile[] {
  const { image, mask } = phantomCase(id, [4, 8, 10], seededRandom(seed).fork(id));
  const file = (path: string, bytes: Uint8Array) => ({
    path,
    file: new Blob([bytes as BlobPart]),
    modified,
  });
  return [
    file(`images/${id}.nii`, writeNifti(image)),
    file(`labels/${id}.nii`, writeNifti(mask, image)),
  ];
}

describe("a cohort that is opened again", () => {
  it("reads only what changed", async () => {
    const { client } = worker();
    const files = [...pairOf("a"), ...pairOf("b")];
    const first = await client.run("readCohort", { name: "x", files });
    expect(first.unchanged).toBe(0);
    const same = await client.run("readCohort", { name: "x", files });
    expect(same.unchanged).toBe(2);
    expect(same.cohort).toEqual(first.cohort);
    const changed = [...pairOf("a"), ...pairOf("b", 2, 4)];
    const other = await client.run("readCohort", { name: "x", files: changed });
    expect(other.unchanged).toBe(1);
    expect(other.cohort.cases[0]).toEqual(first.cohort.cases[0]);
    expect(other.cohort.id).not.toBe(first.cohort.id);
  });

  it("reads a case again whose volumes are gone", async () => {
    const area = memoryArea();
    const files = pairOf("a");
    await worker(area).client.run("readCohort", { name: "x", files });
    for (const name of await area.list()) if (name.endsWith(".voxels")) await area.remove(name);
    const { unchanged, cohort } = await worker(area).client.run("readCohort", { name: "x", files });
    expect(unchanged).toBe(0);
    expect(cohort.cases.every(isUsable)).toBe(true);
  });

  it("reads only the case that a correction is about", async () => {
    const { client } = worker();
    const files = [...pairOf("a"), ...pairOf("b")];
    await client.run("readCohort", { name: "x", files });
    const settings = parseSettings({ cases: { a: { plane: "sagittal" } } });
    const { cohort, unchanged } = await client.run("readCohort", { name: "x", files, settings });
    expect(unchanged).toBe(1);
    expect(cohort.cases.map(({ shape }) => shape)).toEqual([
      [10, 4, 8],
      [4, 8, 10],
    ]);
  });
});

describe("settings that need no file", () => {
  it("change patients and leave cases out", async () => {
    const { client } = worker();
    const files = [...pairOf("a"), ...pairOf("b")];
    const { cohort } = await client.run("readCohort", { name: "x", files });
    const settings = parseSettings({ cases: { a: { patient: "P1" }, b: { excluded: true } } });
    const revised = await client.run("reviseCohort", { cohortId: cohort.id, settings });
    expect(revised.cases.map(({ patient }) => patient)).toEqual(["P1", "b"]);
    expect(revised.cases.map(isUsable)).toEqual([true, false]);
    expect(revised.id).not.toBe(cohort.id);
    expect(await client.run("openCohort", { cohortId: revised.id })).toEqual(revised);
    // Taken back, everything is as before.
    const back = await client.run("reviseCohort", {
      cohortId: revised.id,
      settings: parseSettings({ cases: { a: { patient: "a" } } }),
    });
    expect(back.id).toBe(cohort.id);
  });

  it("preprocess what trials see, and tell its shape and labels before", async () => {
    const { client, store } = worker();
    const { cohort } = await client.run("readCohort", { name: "x", files: pairOf("a") });
    const settings = parseSettings({
      preprocessing: { spacing: [null, 2, 2], size: [6, null, null], intensity: { kind: "none" } },
    });
    const revised = await client.run("reviseCohort", { cohortId: cohort.id, settings });
    const [summary] = revised.cases;
    expect(summary?.shape).toEqual([6, 4, 5]);
    expect(summary?.asRead?.shape).toEqual([4, 8, 10]);
    const prepared = await new PreparedCases(store, revised, [[1]]).caseOf("a");
    expect(prepared.image.shape).toEqual([6, 4, 5]);
    const inside = prepared.mask.classes.filter((value) => value === 1).length;
    expect(summary?.labels).toEqual([{ label: 1, voxels: inside }]);
    const without = await client.run("reviseCohort", {
      cohortId: revised.id,
      settings: parseSettings({}),
    });
    expect(without.id).toBe(cohort.id);
    expect(without.cases).toEqual(cohort.cases);
  });

  it("show a slice before and after", async () => {
    const { client } = worker();
    const { cohort } = await client.run("readCohort", { name: "x", files: pairOf("a") });
    const { before, after } = await client.run("previewCase", {
      cohortId: cohort.id,
      caseId: "a",
      preprocessing: { spacing: [null, 2, 2] },
    });
    expect(before.shape).toEqual([4, 8, 10]);
    expect(before.pixels).toHaveLength(80);
    expect(before.mask.some((value) => value === 1)).toBe(true);
    expect(after.shape).toEqual([4, 4, 5]);
    expect(after.pixels).toHaveLength(20);
    await expect(
      client.run("previewCase", { cohortId: "none", caseId: "a", preprocessing: {} }),
    ).rejects.toThrow("no longer stored in this browser");
  });
});

describe("a storage that gets full", () => {
  /** Holds so many volumes. */
  function small(limit: number): FileArea {
    const area = memoryArea();
    return {
      ...area,
      write: async (name, parts) => {
        const volumes = (await area.list()).filter((one) => one.endsWith(".voxels"));
        if (name.endsWith(".voxels") && volumes.length >= limit) {
          throw new PlannerError("storage", "the browser's storage for this page is full");
        }
        await area.write(name, parts);
      },
    };
  }

  it("makes room of older cohorts, but never of what is needed or open elsewhere", async () => {
    const [area, locks] = [small(3), memoryLocks()];
    const earlier = worker(area).client;
    const { cohort: old } = await earlier.run("readCohort", { name: "old", files: pairOf("a") });
    const { cohort: kept } = await earlier.run("readCohort", { name: "kept", files: pairOf("b") });
    const { cohort: theirs } = await worker(area, { locks }).client.run("readCohort", {
      name: "theirs",
      files: pairOf("c"),
    });
    const { cohort } = await worker(area, { locks }).client.run("readCohort", {
      name: "next",
      files: pairOf("d"),
      needed: [kept.id],
    });
    expect(cohort.cases.every(isUsable)).toBe(true);
    const open = (cohortId: string) => worker(area).client.run("openCohort", { cohortId });
    expect(await open(old.id)).toBeNull();
    expect(await open(kept.id)).toEqual(kept);
    expect(await open(theirs.id)).toEqual(theirs);
  });

  it("says how much is stored and lent", async () => {
    const { client } = worker(memoryArea(), {
      estimate: async () => ({ usage: 100, quota: 900 }),
    });
    await client.run("readCohort", { name: "x", files: pairOf("a") });
    const use = await client.run("storage", {});
    expect(use).toMatchObject({ used: 100, quota: 900, inMemory: true });
    expect(use.volumes).toBeGreaterThan(4 * 8 * 10);
  });
});
