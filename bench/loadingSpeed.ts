import { gunzipSync, gzipSync } from "fflate";
import { gunzip } from "#core/formats/gunzip.ts";
import { readNifti } from "#core/formats/nifti.ts";
import { writeNifti } from "#core/formats/writeNifti.ts";
import type { Affine, Shape3 } from "#core/volume/grid.ts";
import { canonicalInPlace } from "#core/volume/turnInPlace.ts";

/** What loading a volume takes, beside inflating alone. */
export interface LoadingSpeed {
  readonly decodedBytes: number;
  readonly compressedBytes: number;
  /** ms: fflate in one call, without checks */
  readonly inflateAlone: number;
  /** ms: our inflating, which checks length and checksum */
  readonly inflateChecked: number;
  /** ms: file to canonical volume */
  readonly load: number;
}

/** Bytes of an int16 .nii.gz, stored LPS so that turning it moves every voxel. */
export function loadingFile(shape: Shape3): Uint8Array {
  const affine: Affine = [-0.7, 0, 0, 90, 0, -0.7, 0, 90, 0, 0, 1.5, -200];
  const voxels = new Int16Array(shape[0] * shape[1] * shape[2]);
  // Smooth with a little noise, as scans are: it shrinks to about a half.
  let noise = 1;
  for (let index = 0; index < voxels.length; index++) {
    noise = (noise * 1103515245 + 12345) & 0x7fffffff;
    voxels[index] = ((index >> 3) % 900) - 300 + ((noise >> 16) & 15);
  }
  return gzipSync(writeNifti({ shape, spacing: [1.5, 0.7, 0.7], affine, voxels }), { level: 1 });
}

/**
 * Times one run of each, on this machine.
 *
 * @param loaded - called after loading, before anything else takes memory
 */
export function loadingSpeed(
  file: Uint8Array,
  now: () => number,
  loaded: () => void,
): LoadingSpeed {
  const timed = <T>(run: () => T): [T, number] => {
    const start = now();
    const result = run();
    return [result, now() - start];
  };
  const [volume, load] = timed(() => canonicalInPlace(readNifti(file).volume));
  loaded();
  const decodedBytes = volume.voxels.byteLength;
  const [, inflateChecked] = timed(() => gunzip(file).length);
  const [, inflateAlone] = timed(() => gunzipSync(file).length);
  return { decodedBytes, compressedBytes: file.length, inflateAlone, inflateChecked, load };
}
