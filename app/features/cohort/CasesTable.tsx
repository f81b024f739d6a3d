import { Button, Checkbox } from "@mantine/core";
import { useMemo, useState } from "react";
import { type CaseSummary, type Cohort, foregroundShare, isUsable } from "#core/cohort/cohort.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { formatPercent, formatPlural } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Status } from "../../ui/Status.tsx";
import { haveVolumes, refText } from "./caseRefs.ts";

interface CasesTableProps {
  readonly cohort: Cohort;
  readonly places: Readonly<Record<string, string>>;
  readonly disabled: boolean;
  readonly onEdit: (caseId: string) => void;
  /** Shows a usable case. */
  readonly onOpen: (caseId: string) => void;
}

/** Every case of the cohort: what was read and what is wrong with it. */
export function CasesTable({ cohort, places, disabled, onEdit, onOpen }: CasesTableProps) {
  const [problemsOnly, setProblemsOnly] = useState(false);
  const columns = useMemo(
    () => columnsOf(cohort, { places, disabled, onEdit, onOpen }),
    [cohort, places, disabled, onEdit, onOpen],
  );
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
  { labelNames: names, cases }: Cohort,
  { places, disabled, onEdit, onOpen }: Omit<CasesTableProps, "cohort">,
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
    {
      key: "change",
      head: "Change",
      cell: ({ id }) => (
        <Button
          size="compact-xs"
          variant="default"
          disabled={disabled}
          aria-label={`Change case ${id}`}
          onClick={() => onEdit(id)}
        >
          Change
        </Button>
      ),
    },
    { key: "patient", head: "Patient", cell: (one) => one.patient, sort: (one) => one.patient },
    ...(haveVolumes(cases) ? [volumeColumn] : []),
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
    {
      key: "mask",
      head: "Mask",
      cell: ({ maskPath }) => (
        <span className="mono">{maskPath === null ? "none" : refText(maskPath, places)}</span>
      ),
      sort: ({ maskPath }) => maskPath,
    },
  ];
}

/** Which of several channels or time points is used. */
const volumeColumn: Column<CaseSummary> = {
  key: "volume",
  head: "Volume used",
  isNumber: true,
  cell: ({ volume, volumes }) => ((volumes ?? 1) > 1 ? `${(volume ?? 0) + 1} of ${volumes}` : "1"),
  sort: ({ volume }) => volume ?? 0,
};

function severityOf(one: CaseSummary): 0 | 1 | 2 {
  if (!isUsable(one)) return 2;
  return one.problems.length > 0 ? 1 : 0;
}

function CaseStatus({ one }: { one: CaseSummary }) {
  if (one.excluded) return <Status kind="none">Left out by you</Status>;
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
