import { Input, NumberInput, SegmentedControl } from "@mantine/core";
import { useId } from "react";
import { type ScopeName, scopeLabels } from "#core/experiment/methods.ts";
import type { SelectionSettings } from "#core/experiment/selection.ts";
import { namesOf } from "#core/schema.ts";
import { NumberField } from "./NumberField.tsx";
import { Term } from "./Term.tsx";

interface SelectionFieldsProps {
  readonly selection: SelectionSettings;
  readonly disabled: boolean;
  readonly onChange: (selection: SelectionSettings) => void;
}

const MOST = 1000;

/** Whether slices are picked in each volume or over all of them, and what a volume may get. */
export function SelectionFields({ selection, disabled, onChange }: SelectionFieldsProps) {
  const { scope, quota } = selection;
  const id = useId();
  const isJoint = scope === "cohort";
  const setQuota = (change: Partial<SelectionSettings["quota"]>) =>
    onChange({ ...selection, quota: { ...quota, ...change } });
  return (
    <>
      <Input.Wrapper
        label={<Term name="scope">Slices are picked</Term>}
        labelElement="div"
        labelProps={{ id }}
        description={
          isJoint
            ? "Strategies by place still pick in each volume; the budget stays the same"
            : undefined
        }
      >
        <div>
          <SegmentedControl
            aria-labelledby={id}
            size="sm"
            mt={4}
            maw="100%"
            disabled={disabled}
            value={scope}
            data={namesOf(scopeLabels).map((value) => ({ value, label: scopeLabels[value] }))}
            onChange={(value) => onChange({ ...selection, scope: value as ScopeName })}
          />
        </div>
      </Input.Wrapper>
      {isJoint ? (
        <div className="fields">
          <NumberField
            label={<Term name="quota">Fewest, of a volume's own number</Term>}
            min={0}
            max={1}
            step={0.25}
            isInteger={false}
            value={quota.fewest}
            disabled={disabled}
            onChange={(fewest) => setQuota({ fewest })}
          />
          <NumberInput
            label="Most, times that number"
            placeholder="no limit"
            min={1}
            max={MOST}
            step={0.5}
            disabled={disabled}
            value={quota.most ?? ""}
            onChange={(most) =>
              setQuota({
                most: typeof most === "number" && most >= 1 && most <= MOST ? most : null,
              })
            }
          />
        </div>
      ) : null}
    </>
  );
}
