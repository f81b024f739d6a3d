import { PlannerError } from "./errors.ts";

/** A cell of a table; null is an empty cell. */
export type Cell = string | number | null;

/**
 * Rows as comma separated text, lines ended by CR LF.
 *
 * Text that a spreadsheet would take for a formula (it starts with = + - @, a tab or a
 * line end) gets an apostrophe in front, so that opening the file runs nothing.
 *
 * Source: RFC 4180; OWASP, CSV injection.
 */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(written).join(",")}\r\n`).join("");
}

function written(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Rows of comma separated text, quotes read as RFC 4180 says. A byte order mark, blank lines
 * and any kind of line end are fine.
 *
 * @throws PlannerError "format" when a quote stands inside a plain cell or is never closed
 */
export function csvRows(text: string): string[][] {
  // A quoted cell, or a plain one, with what ends it.
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  const content = text.replace(/^\uFEFF/, "");
  const rows: string[][] = [[]];
  while (cells.lastIndex < content.length) {
    const found = cells.exec(content);
    if (!found) {
      throw new PlannerError(
        "format",
        `row ${rows.length} must have its quotes closed, one cell has not`,
      );
    }
    const [, quoted, plain, end] = found;
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== ",") rows.push([]);
    else if (cells.lastIndex === content.length) rows.at(-1)?.push("");
  }
  return rows.filter((row) => row.some((cell) => cell.trim() !== ""));
}
