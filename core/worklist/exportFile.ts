/** A file of an export; the path is inside the export's folder, `/` between parts. */
export interface ExportFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Plain data as readable JSON with a line end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
