import { useMemo } from "react";
import type { Analysis } from "#core/analysis/analyse.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatGain, formatInterval, formatPValue, formatSentence } from "../../ui/format.ts";
import { Message } from "../../ui/Message.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";
import { type FindingRow, findingRows } from "./findingRows.ts";

const columns: Column<FindingRow>[] = [
  { key: "finding", head: "Compared", isText: true, cell: ({ finding }) => finding },
  { key: "group", head: "Question", cell: ({ group }) => group, sort: ({ group }) => group },
  {
    key: "gain",
    head: "Gain in IoU",
    isNumber: true,
    cell: ({ gain }) => formatGain(gain),
    sort: ({ gain }) => gain,
  },
  {
    key: "interval",
    head: "95 % interval",
    term: "interval",
    isNumber: true,
    cell: ({ interval }) => (interval ? formatInterval(interval, formatGain) : "-"),
  },
  {
    key: "p",
    head: "Adjusted p",
    term: "adjustedP",
    isNumber: true,
    cell: ({ adjustedP }) => (adjustedP === null ? "-" : formatPValue(adjustedP)),
    sort: ({ adjustedP }) => adjustedP,
  },
  { key: "compared", head: "Over", cell: ({ compared }) => compared },
];

interface FindingsPanelProps {
  readonly analysis: Analysis | null;
  /** false while a newer analysis is on its way. */
  readonly isCurrent: boolean;
}

/** What results say in words, how sure that is, and the numbers behind the words. */
export function FindingsPanel({ analysis, isCurrent }: FindingsPanelProps) {
  const rows = useMemo(() => (analysis ? findingRows(analysis) : []), [analysis]);
  return (
    <Panel
      title="What the results say"
      aside={
        <span className="soft" role="status">
          {isCurrent ? "" : "Working it out..."}
        </span>
      }
      note={
        <>
          Gains are differences of <Term name="iou">IoU</Term> on the same test cases; brackets hold
          the 95 % <Term name="interval">interval</Term>.
        </>
      }
    >
      {analysis ? (
        <div className="column">
          {analysis.sentences.length > 0 ? (
            <ul className="findings">
              {analysis.sentences.map((sentence) => (
                <li key={sentence}>{formatSentence(sentence)}</li>
              ))}
            </ul>
          ) : (
            <p className="soft">Too little was compared yet to say anything.</p>
          )}
          {analysis.warnings.map(({ code, message }) => (
            <Message key={code} kind="warn">
              <p>{formatSentence(message)}</p>
            </Message>
          ))}
          {rows.length > 0 ? (
            <details className="more">
              <summary>The numbers behind it</summary>
              <DataTable
                name="Findings in numbers"
                rows={rows}
                columns={columns}
                rowKey={({ key }) => key}
              />
            </details>
          ) : null}
        </div>
      ) : (
        <p className="soft">The first analysis takes a few seconds.</p>
      )}
    </Panel>
  );
}
