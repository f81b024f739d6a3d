import { csvText } from "../csvText.ts";
import type { ExportFile } from "./exportFile.ts";
import type { Worklist } from "./worklist.ts";

const head = [
  "case",
  "file",
  "axis",
  "slice_index0",
  "slice_index1",
  "position_mm",
  "priority",
  "reason",
  "assignee",
];

/** The worklist as a table, first priority first; the column for an assignee is empty. */
export function worklistCsv({ cases }: Worklist): ExportFile[] {
  const rows = cases
    .flatMap(({ id, path, slices }) => slices.map((slice) => ({ id, path, slice })))
    .sort((a, b) => a.slice.priority - b.slice.priority)
    .map(({ id, path, slice }) => [
      id,
      path,
      slice.axis,
      slice.index0,
      slice.index1,
      Number(slice.positionMm.toFixed(3)),
      slice.priority,
      slice.reason,
      null,
    ]);
  return [{ path: "worklist.csv", content: csvText([head, ...rows]) }];
}
