/** A segment of a .seg.nrrd file. */
export interface NrrdSegment {
  readonly label: number;
  readonly name: string;
  /** Which volume of the file it is drawn in. */
  readonly layer: number;
}

/** Segments as 3D Slicer names them in the key/value pairs of a header. */
export function readNrrdSegments(keys: ReadonlyMap<string, string>): NrrdSegment[] {
  const segments: NrrdSegment[] = [];
  for (let index = 0; keys.has(`Segment${index}_ID`); index++) {
    const value = (name: string) => keys.get(`Segment${index}_${name}`);
    const label = Number(value("LabelValue") ?? index + 1);
    const layer = Number(value("Layer") ?? 0);
    if (!Number.isSafeInteger(label) || !Number.isSafeInteger(layer) || layer < 0) continue;
    segments.push({ label, layer, name: value("Name") ?? `Segment ${index + 1}` });
  }
  return segments;
}
