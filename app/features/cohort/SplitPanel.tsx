import { Button } from "@mantine/core";
import { useMemo } from "react";
import type { SplitRule } from "#core/experiment/experiment.ts";
import type { SplitCase } from "#core/experiment/split.ts";
import { type Column, DataTable } from "../../ui/DataTable.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { formatCount } from "../../ui/format.ts";
import { Message } from "../../ui/Message.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";
import { movedCase, type Part, type Parts, partLabels, partsOf } from "./splitParts.ts";

interface SplitPanelProps {
  readonly cases: readonly SplitCase[];
  readonly rule: SplitRule;
  readonly disabled: boolean;
  readonly onChange: (rule: SplitRule) => void;
}

/** Which cases train, validate and test: by share and seed, or case by case. */
export function SplitPanel({ cases, rule, disabled, onChange }: SplitPanelProps) {
  const parts = useMemo(() => partsOf(cases, rule), [cases, rule]);
  const isByShare = typeof rule.test === "number";
  return (
    <Panel
      title={<Term name="split" />}
      note="The same for every configuration. All cases of a patient stand on one side: moving one moves them all."
      aside={
        isByShare ? null : (
          <Button
            size="compact-xs"
            variant="default"
            disabled={disabled}
            onClick={() => onChange({ test: 0.25, validation: 0.1, seed: 1 })}
          >
            Back to a split by share
          </Button>
        )
      }
    >
      <div className="column">
        {parts.error ? <Message kind="bad">{parts.error}</Message> : null}
        <PartCounts cases={cases} parts={parts} />
        {isByShare ? (
          <ShareFields rule={rule as ShareRule} disabled={disabled} onChange={onChange} />
        ) : (
          <p className="soft" style={{ margin: 0 }}>
            Edited by hand: the experiment lists the ids of its test and validation cases.
          </p>
        )}
        <SplitTable cases={cases} parts={parts} disabled={disabled} onChange={onChange} />
      </div>
    </Panel>
  );
}

type ShareRule = Extract<SplitRule, { seed: number }>;

function PartCounts({ cases, parts }: { cases: readonly SplitCase[]; parts: Parts }) {
  const facts = (["pool", "validation", "test"] as const).map((part) => {
    const inside = cases.filter(({ id }) => parts.partOf.get(id) === part);
    const patients = new Set(inside.map(({ patient }) => patient)).size;
    return {
      key: part,
      name: partLabels[part],
      value: (
        <>
          {formatCount(inside.length)}{" "}
          <span className="soft" style={{ fontSize: "0.78rem", fontWeight: 400 }}>
            of {patients} {patients === 1 ? "patient" : "patients"}
          </span>
        </>
      ),
    };
  });
  return <Facts facts={facts} />;
}

function ShareFields(props: {
  readonly rule: ShareRule;
  readonly disabled: boolean;
  readonly onChange: (rule: SplitRule) => void;
}) {
  const { rule, disabled, onChange } = props;
  const percent = (share: number) => Number((share * 100).toFixed(2));
  return (
    <div className="fields">
      <NumberField
        label="Test share"
        suffix=" %"
        min={1}
        max={90}
        isInteger={false}
        value={percent(rule.test)}
        disabled={disabled}
        onChange={(value) => onChange({ ...rule, test: value / 100 })}
      />
      <NumberField
        label="Validation share"
        suffix=" %"
        min={0}
        max={90}
        isInteger={false}
        value={percent(rule.validation)}
        disabled={disabled}
        onChange={(value) => onChange({ ...rule, validation: value / 100 })}
      />
      <NumberField
        label="Split seed"
        min={0}
        max={2 ** 31 - 1}
        value={rule.seed}
        disabled={disabled}
        onChange={(seed) => onChange({ ...rule, seed })}
      />
    </div>
  );
}

function SplitTable(props: {
  readonly cases: readonly SplitCase[];
  readonly parts: Parts;
  readonly disabled: boolean;
  readonly onChange: (rule: SplitRule) => void;
}) {
  const { cases, parts, disabled, onChange } = props;
  const columns = useMemo<Column<SplitCase>[]>(() => {
    const part = ({ id }: SplitCase) => parts.partOf.get(id) ?? "pool";
    return [
      { key: "id", head: "Case", cell: ({ id }) => id, sort: ({ id }) => id },
      { key: "patient", head: "Patient", cell: (one) => one.patient, sort: (one) => one.patient },
      {
        key: "part",
        head: "Part",
        sort: part,
        cell: (one) => (
          <select
            aria-label={`Part of ${one.id}`}
            className="smallSelect"
            disabled={disabled}
            value={part(one)}
            onChange={({ currentTarget: { value } }) =>
              isPart(value) && onChange(movedCase(cases, parts, one.id, value))
            }
          >
            {Object.entries(partLabels).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        ),
      },
    ];
  }, [cases, parts, disabled, onChange]);
  return <DataTable name="Split by case" rows={cases} columns={columns} rowKey={({ id }) => id} />;
}

function isPart(value: string): value is Part {
  return value in partLabels;
}
