import { Checkbox } from "@mantine/core";
import { useMemo, useState } from "react";
import { type CaseSummary, type Cohort, foregroundShare, isUsable } from "#core/cohort/cohort.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatPercent, formatPlural } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Status } from "../../ui/Status.tsx";

interface CasesTableProps {
  readonly cohort: Cohort;
  /** Shows a usable case. */
  readonly onOpen: (caseId: string) => void;
}

/** Every case of the cohort: what was read and what is wrong with it. */
export function CasesTable({ cohort, onOpen }: CasesTableProps) {
  const [problemsOnly, setProblemsOnly] = useState(false);
  const columns = useMemo(() => columnsOf(cohort.labelNames, onOpen), [cohort.labelNames, onOpen]);
  const troubled = cohort.cases.filter(({ problems }) => problems.length > 0);
  const usable = cohort.cases.filter(isUsable).length;
  return (
    <Panel
      title="Cases"
      note={`${usable} of ${formatPlural(cohort.cases.length, "case")} can be used. Choose one to see it.`}
      aside={
        <Checkbox
          size="xs"
          label={`Problems only (${troubled.length})`}
          checked={problemsOnly}
          onChange={(event) => setProblemsOnly(event.currentTarget.checked)}
        />
      }
    >
      <DataTable
        name="Cases"
        rows={problemsOnly ? troubled : cohort.cases}
        columns={columns}
        rowKey={({ id }) => id}
        empty={problemsOnly ? "No case has a problem." : "The cohort holds no case."}
      />
    </Panel>
  );
}

function columnsOf(
  names: Cohort["labelNames"],
  onOpen: CasesTableProps["onOpen"],
): Column<CaseSummary>[] {
  const labelText = ({ labels }: CaseSummary) =>
    labels.map(({ label }) => (names[label] ? `${label} ${names[label]}` : `${label}`)).join(", ");
  return [
    {
      key: "id",
      head: "Case",
      term: "case",
      cell: (one) =>
        isUsable(one) ? (
          <button
            type="button"
            className="linkButton"
            aria-label={`View ${one.id}`}
            onClick={() => onOpen(one.id)}
          >
            {one.id}
          </button>
        ) : (
          one.id
        ),
      sort: ({ id }) => id,
    },
    {
      key: "status",
      isText: true,
      head: "Status",
      cell: (one) => <CaseStatus one={one} />,
      sort: (one) => `${severityOf(one)}${one.problems[0]?.message ?? ""}`,
    },
    { key: "patient", head: "Patient", cell: (one) => one.patient, sort: (one) => one.patient },
    {
      key: "shape",
      head: "Shape d × h × w",
      isNumber: true,
      cell: ({ shape }) => shape?.join(" × ") ?? "-",
      sort: ({ shape }) => shape?.[0] ?? null,
    },
    {
      key: "spacing",
      head: "Spacing mm",
      term: "spacing",
      isNumber: true,
      cell: ({ spacing }) => spacing?.map((mm) => Number(mm.toPrecision(3))).join(" × ") ?? "-",
      sort: ({ spacing }) => spacing?.[0] ?? null,
    },
    {
      key: "orientation",
      head: "Stored as",
      term: "orientation",
      cell: ({ orientation }) => <span className="mono">{orientation?.stored ?? "-"}</span>,
      sort: ({ orientation }) => orientation?.stored ?? null,
    },
    {
      key: "labels",
      isText: true,
      head: "Labels",
      cell: (one) => labelText(one) || "none",
      sort: labelText,
    },
    {
      key: "foreground",
      head: "Foreground",
      term: "foreground",
      isNumber: true,
      cell: (one) => {
        const share = foregroundShare(one);
        return share === null ? "-" : formatPercent(share);
      },
      sort: (one) => foregroundShare(one),
    },
  ];
}

function severityOf(one: CaseSummary): 0 | 1 | 2 {
  if (!isUsable(one)) return 2;
  return one.problems.length > 0 ? 1 : 0;
}

function CaseStatus({ one }: { one: CaseSummary }) {
  const kind = (["good", "warn", "bad"] as const)[severityOf(one)];
  const words = one.problems.map(({ message }) => message).join("; ");
  if (kind === "good") return <Status kind="good">Ready</Status>;
  const fallback = one.maskPath === null ? "no mask" : "cannot be used";
  return (
    <Status kind={kind}>
      {kind === "bad" ? "Not used: " : "Look: "}
      {words || fallback}
    </Status>
  );
}
