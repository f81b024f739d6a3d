import { detachedFile, voxelsOfHeader } from "./companionFiles.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import { metaImageDataFile, readMetaImage } from "./metaImage.ts";
import { readNifti } from "./nifti.ts";
import { nrrdDataFile, readNrrd } from "./nrrd.ts";
import { readNrrdLayers } from "./nrrdLayers.ts";
import type { Scan, ScanFile } from "./scan.ts";

/** The volumes of a NIfTI, NRRD or MetaImage file, one after the other. */
export async function fileScans(
  file: ScanFile,
  kind: "nifti" | "niftiPair" | "nrrd" | "metaImage",
): Promise<Iterable<Scan>> {
  const bytes = await file.bytes();
  if (kind === "nrrd") return nrrdScans(file, bytes);
  if (kind === "metaImage") return metaImageScans(file, bytes);
  return niftiScans(file, bytes, kind === "niftiPair");
}

async function niftiScans(
  { path, sibling }: ScanFile,
  bytes: Uint8Array,
  isPair: boolean,
): Promise<Iterable<Scan>> {
  const voxels = isPair ? await voxelsOfHeader({ path, sibling }) : null;
  const inflated = plain(bytes);
  const options = voxels ? { voxels: plain(voxels) } : {};
  return eachFrame(path, (frame) => {
    const image = readNifti(inflated, { ...options, frame });
    return { ...image, format: `NIfTI-${image.version}` as const };
  });
}

function plain(bytes: Uint8Array): Uint8Array {
  return isGzip(bytes) ? gunzip(bytes) : bytes;
}

async function nrrdScans(file: ScanFile, bytes: Uint8Array): Promise<Iterable<Scan>> {
  const data = await detachedFile(file, nrrdDataFile(bytes));
  const options = data ? { data } : {};
  const first = readNrrdLayers(bytes, options);
  return eachFrame(file.path, (frame) => {
    const image = frame === 0 ? first : readNrrd(bytes, { ...options, frame });
    return { ...image, format: "NRRD" as const };
  });
}

async function metaImageScans(file: ScanFile, bytes: Uint8Array): Promise<Iterable<Scan>> {
  const data = await detachedFile(file, metaImageDataFile(bytes));
  const options = data ? { data } : {};
  return eachFrame(file.path, (frame) => {
    const image = readMetaImage(bytes, { ...options, frame });
    return { ...image, format: "MetaImage" as const, notes: [] };
  });
}

interface FrameOfFile extends Pick<Scan, "volume" | "dataType" | "format" | "notes"> {
  readonly frames: number;
  readonly segments?: Scan["segments"];
}

/** One volume after the other, so that a series need not fit into memory at once. */
function* eachFrame(path: string, read: (frame: number) => FrameOfFile): Generator<Scan> {
  let frames = 1;
  for (let frame = 0; frame < frames; frame++) {
    const { frames: found, segments, volume, dataType, format, notes } = read(frame);
    frames = found;
    const part = frames === 1 ? null : `volume ${frame + 1} of ${frames}`;
    const named = segments && segments.length > 0 ? segments : null;
    yield { kind: "scan", path, format, part, volume, dataType, segments: named, notes };
  }
}
