import { SegmentedControl, TextInput } from "@mantine/core";
import { useId } from "react";
import type { CostModel } from "#core/analysis/cost.ts";
import type { BudgetUnit, Pool } from "#core/analysis/recommend.ts";
import type { Planning } from "../../store/state.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { amountAt, budgetScale, SCALE_STEPS, stopOf } from "./budgetScale.ts";
import { budgetText, unitName } from "./budgetText.ts";

interface BudgetControlsProps {
  readonly planning: Planning;
  readonly pool: Pool;
  readonly amount: number;
  readonly onUnit: (unit: BudgetUnit) => void;
  readonly onChange: (change: Partial<Planning>) => void;
}

const units = ["slices", "hours", "money"] as const;

/** How much may be spent, in which unit, and what annotation costs. */
export function BudgetControls(props: BudgetControlsProps) {
  const { planning, pool, amount, onUnit, onChange } = props;
  const { unit, cost } = planning;
  return (
    <div className="column" style={{ gap: "0.875rem" }}>
      <SegmentedControl
        aria-label="Unit of the budget"
        value={unit}
        onChange={onUnit}
        data={units.map((value) => ({ value, label: unitName(value) }))}
      />
      <AmountFields
        {...{ unit, cost, pool, amount }}
        onAmount={(next) => onChange({ amount: next })}
      />
      <CostFields cost={cost} onChange={(change) => onChange({ cost: { ...cost, ...change } })} />
    </div>
  );
}

interface AmountFieldsProps {
  readonly unit: BudgetUnit;
  readonly cost: CostModel;
  readonly pool: Pool;
  readonly amount: number;
  readonly onAmount: (amount: number) => void;
}

function AmountFields({ unit, cost, pool, amount, onAmount }: AmountFieldsProps) {
  const id = useId();
  const scale = budgetScale(pool, cost, unit);
  const isFree = !(scale.fewest > 0);
  return (
    <div className="budgetAmount">
      <label htmlFor={id}>Budget</label>
      <input
        id={id}
        type="range"
        className="slider"
        min={0}
        max={SCALE_STEPS}
        step={1}
        disabled={isFree}
        value={stopOf(scale, amount)}
        aria-valuetext={budgetText(amount, unit, cost.currency)}
        onChange={({ currentTarget: { value } }) => onAmount(amountAt(scale, Number(value), unit))}
      />
      <NumberField
        label={unit === "money" ? `Budget, ${cost.currency}` : `Budget, ${unit}`}
        min={0}
        max={10_000_000}
        step={unit === "hours" ? 0.5 : 10}
        isInteger={unit === "slices"}
        value={amount}
        onChange={onAmount}
      />
    </div>
  );
}

interface CostFieldsProps {
  readonly cost: CostModel;
  readonly onChange: (change: Partial<CostModel>) => void;
}

function CostFields({ cost, onChange }: CostFieldsProps) {
  return (
    <div className="fields">
      <NumberField
        label="Minutes per slice"
        min={0}
        max={600}
        step={0.5}
        isInteger={false}
        value={cost.minutesPerSlice}
        onChange={(minutesPerSlice) => onChange({ minutesPerSlice })}
      />
      <NumberField
        label="Minutes per volume"
        min={0}
        max={600}
        step={0.5}
        isInteger={false}
        value={cost.minutesPerVolume}
        onChange={(minutesPerVolume) => onChange({ minutesPerVolume })}
      />
      <NumberField
        label="Hourly rate"
        min={0}
        max={10_000}
        step={5}
        isInteger={false}
        value={cost.hourlyRate}
        onChange={(hourlyRate) => onChange({ hourlyRate })}
      />
      <TextInput
        label="Currency"
        maxLength={8}
        value={cost.currency}
        onChange={({ currentTarget: { value } }) => onChange({ currency: value })}
      />
    </div>
  );
}
