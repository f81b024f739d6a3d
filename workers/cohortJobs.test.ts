import { afterEach, describe, expect, it } from "vitest";
import { isUsable } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { memoryLocks } from "../testing/memoryLocks.ts";
import { type Endpoint, isAbort, WorkerClient } from "./client.ts";
import { cohortJobs } from "./cohortJobs.ts";
import { type FileArea, memoryArea } from "./fileArea.ts";
import { type Scope, serve } from "./host.ts";
import type { CohortFile, ReadProgress } from "./protocol.ts";
import { createVoxelStore } from "./voxelStore.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function worker(area: FileArea = memoryArea(), locks?: LockManager) {
  const store = createVoxelStore(area);
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve(
    port2 as unknown as Scope,
    cohortJobs(async () => store, { locks }),
  );
  return { client: new WorkerClient(port1 as unknown as Endpoint), store };
}

const file = (path: string, content: Uint8Array | string): CohortFile => ({
  path,
  file: new Blob([content as BlobPart]),
});

function pairOf(id: string): CohortFile[] {
  const { image, mask } = phantomCase(id, [4, 8, 10], seededRandom(3).fork(id));
  return [
    file(`images/${id}.nii`, writeNifti(image)),
    file(`labels/${id}.nii`, writeNifti(mask, image)),
  ];
}

const folder = [...pairOf("a"), ...pairOf("b"), ...pairOf("c")];
const csv = file("cases.csv", "case,patient\na,p1\nb,p1\nc,p2\n");

describe("reading a cohort", () => {
  it("pairs, reads and keeps every case", async () => {
    const { client, store } = worker();
    const seen: ReadProgress[] = [];
    const { cohort } = await client.run(
      "readCohort",
      { name: "mine", files: [...folder, csv] },
      { onProgress: (progress) => seen.push(progress) },
    );
    expect(cohort.name).toBe("mine");
    expect(cohort.cases.map(({ id, patient }) => [id, patient])).toEqual([
      ["a", "p1"],
      ["b", "p1"],
      ["c", "p2"],
    ]);
    expect(cohort.cases.every(isUsable)).toBe(true);
    expect(seen.map(({ done, total, caseId }) => [done, total, caseId])).toEqual([
      [1, 3, "a"],
      [2, 3, "b"],
      [3, 3, "c"],
    ]);
    const [first] = cohort.cases;
    if (!first) throw new Error("no case");
    const { image, mask } = phantomCase("a", [4, 8, 10], seededRandom(3).fork("a"));
    const kept = await store.getCase(first);
    expect(kept.image.voxels).toEqual(image.voxels);
    expect([...kept.labels]).toEqual([...mask.classes]);
    expect(await client.run("openCohort", { cohortId: cohort.id })).toEqual(cohort);
  });

  it("gives the same cohort the same id, whatever the order of its files", async () => {
    const { client } = worker();
    const { cohort: one } = await client.run("readCohort", { name: "x", files: folder });
    const { cohort: other } = await client.run("readCohort", {
      name: "y",
      files: [...folder].reverse(),
    });
    expect(other.id).toBe(one.id);
  });

  it("loads the rest when one file is broken, and says why", async () => {
    const { client } = worker();
    const files = folder.map((one) =>
      one.path === "images/b.nii" ? file(one.path, "this is text") : one,
    );
    const { cohort } = await client.run("readCohort", { name: "x", files });
    expect(cohort.cases.filter(isUsable).map(({ id }) => id)).toEqual(["a", "c"]);
    const broken = cohort.cases.find(({ id }) => id === "b");
    expect(broken?.problems[0]?.severity).toBe("error");
    expect(broken?.problems[0]?.message).toMatch(/NIfTI/);
    expect(broken?.problems[0]?.paths).toEqual(["images/b.nii"]);
  });

  it("keeps the rest when a file is gone by the time it is read", async () => {
    const gone = new Blob(["x"]);
    gone.arrayBuffer = async () => {
      throw new DOMException("the file moved", "NotFoundError");
    };
    // Blobs of this thread are cloned on their way, so the store's side is asked directly.
    const jobs = cohortJobs(async () => createVoxelStore(memoryArea()));
    const files = folder.map((one) => (one.path === "images/b.nii" ? { ...one, file: gone } : one));
    const context = {
      signal: new AbortController().signal,
      gate: async () => {},
      report: () => {},
    };
    const { cohort: output } =
      (await jobs.readCohort?.({ name: "x", files }, context))?.output ?? {};
    expect(output?.cases.map(isUsable)).toEqual([true, false, true]);
    expect(output?.cases[1]).toMatchObject({
      id: "b",
      shape: null,
      fingerprint: null,
      problems: [
        {
          severity: "error",
          message: expect.stringMatching(/^the file could not be read \(the file moved\)/),
          paths: ["images/b.nii"],
        },
      ],
    });
  });

  it.each([
    { what: "without an image", files: [file("notes.txt", "hi")], text: /^no NIfTI file/ },
    { what: "without a file", files: [], text: /^the folder is empty/ },
  ])("refuses a folder $what and stores nothing", async ({ files, text }) => {
    const area = memoryArea();
    const { client } = worker(area);
    await expect(client.run("readCohort", { name: "x", files })).rejects.toMatchObject({
      code: "cohort",
      message: expect.stringMatching(text),
    });
    expect(await area.list()).toEqual([]);
  });

  it("keeps what fits when the storage is full, and says so of the rest", async () => {
    const area = memoryArea();
    const { client } = worker({
      ...area,
      write: async (name, parts) => {
        if (name.endsWith(".voxels") && (await area.list()).length >= 2) {
          throw new PlannerError("storage", "the browser's storage for this page is full");
        }
        await area.write(name, parts);
      },
    });
    const { cohort } = await client.run("readCohort", { name: "x", files: folder });
    expect(cohort.cases.filter(isUsable).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(cohort.cases[2]?.problems.map(({ message }) => message)).toEqual([
      "the case was read but not kept: the browser's storage for this page is full",
    ]);
    expect(await client.run("openCohort", { cohortId: cohort.id })).toEqual(cohort);
  });

  it("frees the cohorts that are not kept", async () => {
    const { client } = worker();
    const { cohort: old } = await client.run("readCohort", { name: "old", files: pairOf("a") });
    const { cohort: next } = await client.run("readCohort", { name: "next", files: pairOf("b") });
    await client.run("keepCohorts", { cohortIds: [next.id] });
    expect(await client.run("openCohort", { cohortId: old.id })).toBeNull();
    expect(await client.run("openCohort", { cohortId: next.id })).toEqual(next);
  });

  it("frees no cohort that another page uses, but does once that page let it go", async () => {
    const [area, locks] = [memoryArea(), memoryLocks()];
    const [here, there] = [worker(area, locks), worker(area, locks)];
    const { cohort: theirs } = await there.client.run("readCohort", {
      name: "theirs",
      files: pairOf("a"),
    });
    const { cohort: mine } = await here.client.run("readCohort", {
      name: "mine",
      files: pairOf("b"),
    });
    const open = (cohortId: string) => worker(area).client.run("openCohort", { cohortId });
    await here.client.run("keepCohorts", { cohortIds: [mine.id] });
    expect(await open(theirs.id)).toEqual(theirs);
    expect(await open(mine.id)).toEqual(mine);
    // Opening it again, as the next visit does, holds it as well.
    const later = worker(area, locks);
    expect(await later.client.run("openCohort", { cohortId: mine.id })).toEqual(mine);
    await there.client.run("keepCohorts", { cohortIds: [] });
    expect(await open(mine.id)).toEqual(mine);
    expect(await open(theirs.id)).toBeNull();
    await here.client.run("keepCohorts", { cohortIds: [] });
    expect(await open(mine.id)).toEqual(mine);
    await later.client.run("keepCohorts", { cohortIds: [] });
    expect(await area.list()).toEqual([]);
  });

  it("frees nothing while another page reads files that no cohort lists yet", async () => {
    const [area, locks] = [memoryArea(), memoryLocks()];
    const [here, there] = [worker(area, locks), worker(area, locks)];
    let freed: Promise<unknown> | null = null;
    const { cohort } = await there.client.run(
      "readCohort",
      { name: "x", files: folder },
      {
        onProgress: () => {
          freed ??= here.client.run("keepCohorts", { cohortIds: [] });
        },
      },
    );
    await freed;
    expect(await there.client.run("openCohort", { cohortId: cohort.id })).toEqual(cohort);
  });

  it("stops between two cases", async () => {
    const { client } = worker();
    const stop = new AbortController();
    const job = client.run(
      "readCohort",
      { name: "x", files: folder },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    expect(isAbort(await job.catch((thrown: unknown) => thrown))).toBe(true);
  });
});
