import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CaseSummary, Cohort } from "#core/cohort/cohort.ts";
import { PlannerError } from "#core/errors.ts";
import type { VoxelArray } from "#core/volume/volume.ts";
import { type FileArea, memoryArea } from "./fileArea.ts";
import { parseVoxelFile, type StoredCase, voxelFileParts } from "./voxelFile.ts";
import { createVoxelStore } from "./voxelStore.ts";

const affine = [-1, 0, 0, 5, 0, 1, 0, 6, 0, 0, 2.5, 7] as const;

function stored(voxels: VoxelArray, labels: VoxelArray): StoredCase {
  return {
    image: { shape: [1, 1, voxels.length], spacing: [2.5, 1, 1], affine, voxels },
    labels,
  };
}

function summary(id: string, over: Partial<CaseSummary> = {}): CaseSummary {
  return {
    id,
    patient: id,
    imagePath: `images/${id}.nii`,
    maskPath: `labels/${id}.nii`,
    shape: [1, 1, 3],
    spacing: [2.5, 1, 1],
    orientation: null,
    dataType: "int16",
    intensity: null,
    labels: [{ label: 1, voxels: 1 }],
    fingerprint: `print of ${id}`,
    problems: [],
    ...over,
  };
}

function cohort(id: string, cases: readonly CaseSummary[]): Cohort {
  return { id, name: id, layout: "images-labels", labelNames: {}, cases, problems: [] };
}

const one = stored(new Int16Array([1, -2, 3]), new Uint8Array([0, 1, 2]));

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe("a voxel file", () => {
  it.each([
    new Uint8Array([1, 2, 255]),
    new Int8Array([1, -2, 3]),
    new Uint16Array([1, 2, 65535]),
    new Int16Array([1, -2, 3]),
    new Uint32Array([1, 2, 4294967295]),
    new Int32Array([1, -2, 3]),
    new Float32Array([1.5, -2, Number.NaN]),
    new Float64Array([Math.PI, -2, 1e300]),
  ])("gives back what it was made of: %o", (voxels) => {
    const original = stored(voxels, new Uint16Array([0, 300, 7]));
    expect(parseVoxelFile(joined(voxelFileParts(original)))).toEqual(original);
  });

  it("can be read from anywhere in a buffer", () => {
    const file = joined(voxelFileParts(one));
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(parseVoxelFile(shifted.subarray(3))).toEqual(one);
  });

  it("takes only its own part of a larger array", () => {
    const large = new Int16Array([9, 9, 1, -2, 3, 9]);
    const file = joined(voxelFileParts(stored(large.subarray(2, 5), new Uint8Array([0, 1, 2]))));
    expect(parseVoxelFile(file)).toEqual(one);
  });

  it("is refused when any byte that matters was changed, or when it was cut", () => {
    const file = joined(voxelFileParts(one));
    const { byteOffset, byteLength } = one.image.voxels;
    expect(byteOffset + byteLength).toBeLessThan(file.length);
    const place = fc.integer({ min: 0, max: file.length - 1 });
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = file.slice();
        changed[at] = (changed[at] as number) ^ flip;
        let read: StoredCase | PlannerError;
        try {
          read = parseVoxelFile(changed);
        } catch (error) {
          read = error as PlannerError;
        }
        // Padding carries nothing: there the case is still whole.
        if (read instanceof PlannerError) expect(read.code).toBe("storage");
        else expect(read).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(place, (length) => {
        expect(() => parseVoxelFile(file.subarray(0, length))).toThrow("is damaged");
      }),
    );
  });
});

describe("the voxel store", () => {
  it("gives back a case and a cohort", async () => {
    const store = createVoxelStore(memoryArea());
    const a = summary("a");
    await store.putCase(a, one);
    await store.putCohort(cohort("c1", [a]));
    expect(await store.getCohort("c1")).toEqual(cohort("c1", [a]));
    expect(await store.getCase(a)).toEqual(one);
  });

  it("has no cohort whose usable cases are not all there", async () => {
    const store = createVoxelStore(memoryArea());
    const [a, b] = [summary("a"), summary("b")];
    await store.putCase(a, one);
    await store.putCohort(cohort("c1", [a, b]));
    expect(await store.getCohort("c1")).toBeNull();
    expect(await store.getCohort("unknown")).toBeNull();
  });

  it("does not miss the voxels of a broken case", async () => {
    const store = createVoxelStore(memoryArea());
    const problem = { severity: "error" as const, message: "not a NIfTI file", paths: [] };
    const broken = summary("b", { shape: null, fingerprint: null, problems: [problem] });
    const a = summary("a");
    await store.putCase(a, one);
    await store.putCohort(cohort("c1", [a, broken]));
    expect(await store.getCohort("c1")).not.toBeNull();
  });

  it("says what to do when voxels are gone", async () => {
    const store = createVoxelStore(memoryArea());
    await expect(store.getCase(summary("a"))).rejects.toThrow(
      "the volumes of a are no longer stored in this browser; open the cohort's files again",
    );
  });

  it("writes a case once, and again when the file was damaged", async () => {
    const area = memoryArea();
    let writes = 0;
    const counting: FileArea = {
      ...area,
      write: (name, parts) => {
        writes++;
        return area.write(name, parts);
      },
    };
    const store = createVoxelStore(counting);
    await store.putCase(summary("a"), one);
    await store.putCase(summary("a2", { fingerprint: "print of a" }), one);
    expect(writes).toBe(1);
    const [name] = (await area.list()) as [string];
    await area.write(name, [new Uint8Array(10)]);
    await expect(store.getCase(summary("a"))).rejects.toThrow("damaged");
    await store.putCase(summary("a"), one);
    expect(writes).toBe(2);
    expect(await store.getCase(summary("a"))).toEqual(one);
  });

  it("keeps what the named cohorts need and frees the rest, drafts too", async () => {
    const area = memoryArea();
    const store = createVoxelStore(area);
    const [a, b, c] = [summary("a"), summary("b"), summary("c")];
    for (const each of [a, b, c]) await store.putCase(each, one);
    await store.putCohort(cohort("c1", [a, b]));
    await store.putCohort(cohort("c2", [b, c]));
    await area.write("x.voxels.writing", [new Uint8Array(1)]);
    await store.keep(["c1"]);
    expect((await area.list()).length).toBe(3);
    expect(await store.getCohort("c1")).not.toBeNull();
    expect(await store.getCohort("c2")).toBeNull();
    await expect(store.getCase(c)).rejects.toThrow("no longer stored");
    expect(await store.getCase(b)).toEqual(one);
  });

  it("loses nothing it has when there is no room for more", async () => {
    const area = memoryArea();
    const store = createVoxelStore({
      ...area,
      write: async (name, parts) => {
        if ((await area.list()).length >= 1) {
          throw new PlannerError("storage", "the browser's storage for this page is full");
        }
        await area.write(name, parts);
      },
    });
    await store.putCase(summary("a"), one);
    await expect(store.putCase(summary("b"), one)).rejects.toThrow("is full");
    expect(await store.getCase(summary("a"))).toEqual(one);
  });
});
