import { afterEach, describe, expect, it } from "vitest";
import { writeNifti } from "#core/formats/writeNifti.ts";
import { seededRandom } from "#core/random.ts";
import { phantomCase } from "#core/volume/phantom.ts";
import { type Endpoint, isAbort, WorkerClient } from "./client.ts";
import { cohortJobs } from "./cohortJobs.ts";
import { memoryArea } from "./fileArea.ts";
import { type Scope, serve } from "./host.ts";
import type { Jobs } from "./protocol.ts";
import { selectionJobs } from "./selectionJobs.ts";
import { createVoxelStore } from "./voxelStore.ts";

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A worker with a cohort of two cases of 10 slices. */
async function worker() {
  const store = createVoxelStore(memoryArea());
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const open = async () => store;
  serve(port2 as unknown as Scope, { ...cohortJobs(open), ...selectionJobs(open) });
  const client = new WorkerClient(port1 as unknown as Endpoint);
  const files = ["a", "b"].flatMap((id) => {
    const { image, mask } = phantomCase(id, [10, 12, 10], seededRandom(3).fork(id));
    const blob = (bytes: Uint8Array) => new Blob([bytes as BlobPart]);
    return [
      { path: `images/${id}.nii`, file: blob(writeNifti(image)) },
      { path: `labels/${id}.nii`, file: blob(writeNifti(mask, image)) },
    ];
  });
  const { cohort } = await client.run("readCohort", { name: "mine", files });
  return { client, source: { cohortId: cohort.id, caseIds: ["a", "b"], labels: [1] } };
}

const rule = (strategy: Jobs["compareSelections"]["input"]["rules"][number]["strategy"]) => ({
  strategy,
  density: 0.3,
  scope: "cohort" as const,
  quota: { fewest: 0, most: null },
});

describe("jobs about slices", () => {
  it("says what strategies pick, with diagnostics and the slices that show the target", async () => {
    const { client, source } = await worker();
    const seen: number[] = [];
    const { volumes, selected } = await client.run(
      "compareSelections",
      { source, rules: [rule("coreset"), rule("foregroundAware")], seed: 1 },
      { onProgress: ({ done, total }) => seen.push(done / total) },
    );
    expect(volumes.map(({ id, depth }) => [id, depth])).toEqual([
      ["a", 10],
      ["b", 10],
    ]);
    expect(volumes[0]?.hasTarget?.some(Boolean)).toBe(true);
    for (const { picks, all, each } of selected) {
      expect(picks.flat()).toHaveLength(6);
      expect(all.slices).toBe(6);
      expect(each.map(({ slices }) => slices)).toEqual(picks.map((list) => list.length));
    }
    expect(seen).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it.each(["pca", "umap"] as const)(
    "maps every slice by %s, the same way each time",
    async (method) => {
      const { client, source } = await worker();
      const { places } = await client.run("mapSlices", { source, method, seed: 1 });
      expect(places).toHaveLength(40);
      expect(places.every(Number.isFinite)).toBe(true);
      expect(new Set(places).size).toBeGreaterThan(10);
      expect((await client.run("mapSlices", { source, method, seed: 1 })).places).toEqual(places);
    },
  );

  it("says that a cohort is gone, that a map needs slices, and stops when asked to", async () => {
    const { client, source } = await worker();
    const rules = [rule("coreset")];
    await expect(
      client.run("compareSelections", { source: { ...source, cohortId: "x" }, rules, seed: 1 }),
    ).rejects.toThrow("the cohort's volumes are no longer stored in this browser");
    const none = { ...source, caseIds: [] };
    await expect(
      client.run("mapSlices", { source: none, method: "umap", seed: 1 }),
    ).rejects.toThrow("slices must be from 5 to 20000");
    const stop = new AbortController();
    const job = client.run(
      "compareSelections",
      { source, rules, seed: 1 },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    expect(isAbort(await job.catch((thrown: unknown) => thrown))).toBe(true);
  });
});
