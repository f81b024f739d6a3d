import { NumberInput } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";

interface NumberFieldProps {
  readonly label: ReactNode;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly isInteger?: boolean;
  readonly suffix?: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}

/** A number that is handed on only while it is inside its bounds; what is typed stays. */
export function NumberField(props: NumberFieldProps) {
  const { label, value, min, max, step = 1, isInteger = true, suffix, disabled, onChange } = props;
  const [typed, setTyped] = useState<number | string>(value);
  useEffect(() => setTyped(value), [value]);
  const isValid = typeof typed === "number" && typed >= min && typed <= max;
  return (
    <NumberInput
      label={label}
      value={typed}
      step={step}
      min={min}
      max={max}
      clampBehavior="none"
      allowDecimal={!isInteger}
      allowNegative={min < 0}
      {...(suffix ? { suffix } : {})}
      disabled={disabled ?? false}
      error={isValid ? null : `from ${min} to ${max}`}
      onChange={(next) => {
        setTyped(next);
        if (typeof next === "number" && next >= min && next <= max) onChange(next);
      }}
      onBlur={() => {
        if (!isValid) setTyped(value);
      }}
    />
  );
}
