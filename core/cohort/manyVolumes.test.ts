import { expect, it } from "vitest";
import { nrrdBytes } from "../../testing/scanBytes.ts";
import { readCase } from "./readCase.ts";

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
const volume = (voxels: Int16Array) => ({
  shape: [2, 2, 2] as const,
  spacing: [1, 1, 1] as const,
  affine,
  voxels,
});
/** Two volumes after each other, as the Decathlon stores channels. */
const channels = (() => {
  const text = Buffer.from(nrrdBytes(volume(new Int16Array(16)))).toString("latin1");
  const header = text
    .slice(0, text.indexOf("\n\n") + 2)
    .replace("dimension: 3", "dimension: 4")
    .replace("sizes: 2 2 2", "sizes: 2 2 2 2")
    .replace(/(space directions: .*)/, "$1 none");
  const values = Int16Array.from({ length: 16 }, (_, n) => n);
  return new Uint8Array(Buffer.concat([Buffer.from(header), new Uint8Array(values.buffer)]));
})();
const pair = { id: "a", patient: "a", image: "a.nrrd", mask: "a_seg.nrrd" };

it("uses the first of several channels and says so", () => {
  const mask = nrrdBytes(volume(Int16Array.of(0, 1, 0, 0, 0, 0, 0, 0)));
  const { summary, image } = readCase(pair, { image: channels, mask });
  expect(summary.problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    "warning: the image holds 2 volumes (channels or a series); the first is used",
  ]);
  expect(summary.intensity).toEqual({ min: 0, max: 7, mean: 3.5 });
  expect(image?.voxels).toHaveLength(8);
});

it("refuses a mask of several volumes", () => {
  const { summary } = readCase(pair, { image: channels, mask: channels });
  expect(summary.problems.map(({ message }) => message)).toContain(
    "mask must be one volume, got 2; save the one to use as a file of its own",
  );
});
