import { planeAcross } from "#core/view/planes.ts";
import { thumbnailOf } from "#core/view/thumbnail.ts";
import { autoWindow } from "#core/view/windows.ts";
import type { VoxelArray } from "#core/volume/volume.ts";
import type { MorphologicalFiles } from "#nn/interpolation/morphological/itkPipeline.ts";
import type { Handlers } from "./host.ts";
import { StoredCases } from "./storedCases.ts";
import { maskVoxels } from "./viewedMask.ts";
import type { VoxelStore } from "./voxelStore.ts";

/** Jobs that show stored cases. */
export function viewJobs(
  openStore: () => Promise<VoxelStore>,
  morphological: MorphologicalFiles,
): Handlers {
  const cases = new StoredCases(openStore);
  return {
    viewCase: async ({ cohortId, caseId }) => {
      const { image, percentiles } = await cases.get(cohortId, caseId);
      const { shape, spacing, affine } = image;
      const voxels = drawable(image.voxels);
      const output = { grid: { shape, spacing, affine }, voxels, percentiles };
      return { output, transfer: [voxels.buffer as ArrayBuffer] };
    },

    viewMask: async ({ cohortId, caseId, source }, context) => {
      const mask = await maskVoxels(await cases.get(cohortId, caseId), source, {
        ...context,
        morphological,
      });
      return { output: mask, transfer: [mask.voxels.buffer as ArrayBuffer] };
    },

    drawThumbnails: async ({ cohortId, slices, side, withMask }, { signal, gate }) => {
      const output = [];
      for (const { caseId, slice } of slices) {
        await gate();
        signal.throwIfAborted();
        const { image, labels, percentiles } = await cases.get(cohortId, caseId);
        const mask = withMask ? labels : null;
        const window = autoWindow(percentiles);
        const subject = { grid: image, image: image.voxels, mask, window };
        output.push(thumbnailOf(subject, planeAcross(image.affine, 0), slice, side));
      }
      return { output, transfer: output.map(({ rgba }) => rgba.buffer) };
    },
  };
}

/** A copy, which can be given away, in one of the types that graphics processors take. */
function drawable(voxels: VoxelArray): VoxelArray {
  if (voxels instanceof Int8Array) return Int16Array.from(voxels);
  const isDrawable =
    voxels instanceof Uint8Array ||
    voxels instanceof Int16Array ||
    voxels instanceof Uint16Array ||
    voxels instanceof Float32Array;
  return isDrawable ? voxels.slice() : Float32Array.from(voxels);
}
