import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHECKPOINTS_FOLDER, checkpointFile } from "./checkpointFile.ts";

describe("the checkpoint of a trial in an output folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slicewise-checkpoint-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is there for the next run until it is removed, the last of them alone", async () => {
    const first = checkpointFile(folder, "trial-r0");
    expect(await first.load()).toBeNull();
    await first.save(1, Uint8Array.of(1, 2));
    await first.save(2, Uint8Array.of(3));
    expect(readdirSync(join(folder, CHECKPOINTS_FOLDER))).toEqual(["trial-r0.checkpoint"]);
    expect([...((await checkpointFile(folder, "trial-r0").load()) ?? [])]).toEqual([3]);
    expect(await checkpointFile(folder, "trial-r1").load()).toBeNull();
    await first.remove();
    await first.remove();
    expect(await first.load()).toBeNull();
    expect(readdirSync(join(folder, CHECKPOINTS_FOLDER))).toEqual([]);
  });

  it("says where it cannot be written", async () => {
    writeFileSync(join(folder, CHECKPOINTS_FOLDER), "in the way");
    await expect(checkpointFile(folder, "t").save(1, Uint8Array.of(1))).rejects.toMatchObject({
      code: "storage",
      message: expect.stringContaining("t.checkpoint could not be written"),
    });
  });
});
