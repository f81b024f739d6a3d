import { NativeSelect } from "@mantine/core";
import type { IntensityRule } from "#core/volume/preprocessing.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { choiceOf, intensityChoices, ruleOf } from "./preprocessingForm.ts";

interface IntensityFieldsProps {
  readonly rule: IntensityRule | undefined;
  readonly disabled: boolean;
  readonly onChange: (rule: IntensityRule) => void;
}

/** What is done to values: a rule, and its two ends where it has some. */
export function IntensityFields({ rule, disabled, onChange }: IntensityFieldsProps) {
  const isPercent = rule?.kind === "percentiles";
  const [min, max] = isPercent ? [0, 100] : [-100_000, 100_000];
  return (
    <div className="fields">
      <NativeSelect
        label="Intensity"
        value={choiceOf(rule)}
        disabled={disabled}
        data={intensityChoices}
        onChange={({ currentTarget: { value } }) => onChange(ruleOf(value))}
      />
      {rule && "low" in rule ? (
        <>
          <NumberField
            label={isPercent ? "Low percentile" : "Low value"}
            value={rule.low}
            min={min}
            max={rule.high - 0.1}
            isInteger={false}
            disabled={disabled}
            onChange={(low) => onChange({ ...rule, low })}
          />
          <NumberField
            label={isPercent ? "High percentile" : "High value"}
            value={rule.high}
            min={rule.low + 0.1}
            max={max}
            isInteger={false}
            disabled={disabled}
            onChange={(high) => onChange({ ...rule, high })}
          />
        </>
      ) : null}
    </div>
  );
}
