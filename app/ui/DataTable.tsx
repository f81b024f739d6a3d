import { Pagination, Tooltip } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { formatCount } from "./format.ts";
import { glossary, type TermName } from "./glossary.ts";

/** A column; `sort` makes its head a button. */
export interface Column<R> {
  readonly key: string;
  readonly head: string;
  /** Explains the head on hover and focus. */
  readonly term?: TermName;
  readonly cell: (row: R) => ReactNode;
  readonly sort?: (row: R) => number | string | null;
  readonly isNumber?: boolean;
  /** Words that may wrap; other cells stay on one line. */
  readonly isText?: boolean;
}

interface DataTableProps<R> {
  /** What a screen reader calls the table. */
  readonly name: string;
  readonly rows: readonly R[];
  /** The first column names the row. */
  readonly columns: readonly Column<R>[];
  readonly rowKey: (row: R) => string;
  /** Shown in place of an empty body. */
  readonly empty?: ReactNode;
}

interface Order {
  readonly key: string;
  readonly descending: boolean;
}

/** Rows on one page; longer tables are split. */
const PAGE_ROWS = 200;

/** A table that scrolls in its frame, sorts by its heads and pages when it is long. */
export function DataTable<R>({ name, rows, columns, rowKey, empty }: DataTableProps<R>) {
  const [order, setOrder] = useState<Order | null>(null);
  const [page, setPage] = useState(1);
  const sorted = useMemo(() => sortedRows(rows, columns, order), [rows, columns, order]);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const current = Math.min(page, pages);
  const shown = sorted.slice((current - 1) * PAGE_ROWS, current * PAGE_ROWS);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling frame must be reachable by keyboard */}
      <section className="tableScroll" aria-label={`${name}, scrolls`} tabIndex={0}>
        <table aria-label={name} style={{ width: "100%" }}>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.key} column={column} order={order} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={rowKey(row)} row={row} columns={columns} />
            ))}
            {shown.length === 0 ? (
              <tr>
                <td colSpan={columns.length} className="soft">
                  {empty ?? "Nothing here yet."}
                </td>
              </tr>
            ) : null}
          </tbody>
        </table>
      </section>
      {pages > 1 ? (
        <Pagination
          mt="xs"
          size="sm"
          total={pages}
          value={current}
          onChange={setPage}
          aria-label={`Pages of ${name}, ${formatCount(rows.length)} rows`}
          getItemProps={(number) => ({ "aria-label": `Page ${number}` })}
          getControlProps={(control) => ({ "aria-label": `${control} page` })}
        />
      ) : null}
    </>
  );
}

function Row<R>({ row, columns }: { row: R; columns: readonly Column<R>[] }) {
  return (
    <tr>
      {columns.map(({ key, cell, isNumber, isText }, index) => {
        const className = isNumber ? "number" : isText ? "words" : undefined;
        return index === 0 ? (
          <th key={key} scope="row" className={className}>
            {cell(row)}
          </th>
        ) : (
          <td key={key} className={className}>
            {cell(row)}
          </td>
        );
      })}
    </tr>
  );
}

interface HeadProps<R> {
  readonly column: Column<R>;
  readonly order: Order | null;
  readonly onOrder: (order: Order) => void;
}

function Head<R>({ column, order, onOrder }: HeadProps<R>) {
  const { key, head, term, sort, isNumber } = column;
  const mine = order?.key === key ? order : null;
  const direction = mine ? (mine.descending ? "descending" : "ascending") : "none";
  const label = sort ? (
    <button
      type="button"
      className="sortButton"
      data-term={term}
      onClick={() => onOrder({ key, descending: mine !== null && !mine.descending })}
    >
      {head}
      <span className="sortMark" aria-hidden="true">
        {mine ? (mine.descending ? "▼" : "▲") : ""}
      </span>
    </button>
  ) : (
    <span>{head}</span>
  );
  return (
    <th
      scope="col"
      className={isNumber ? "number" : undefined}
      aria-sort={sort ? direction : undefined}
    >
      {term ? (
        <Tooltip
          label={glossary[term].text}
          multiline
          maw={320}
          events={{ hover: true, focus: true, touch: false }}
        >
          {label}
        </Tooltip>
      ) : (
        label
      )}
    </th>
  );
}

/** Rows in the order asked for; rows without a value stand last either way. */
function sortedRows<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  order: Order | null,
): readonly R[] {
  const sort = columns.find(({ key }) => key === order?.key)?.sort;
  if (!order || !sort) return rows;
  const sign = order.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: sort(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null);
      return sign * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}
