import { NumberInput } from "@mantine/core";

type Triple = [number | null, number | null, number | null];

interface TripleFieldProps {
  readonly legend: string;
  readonly note: string;
  readonly value: Triple | undefined;
  readonly max: number;
  readonly isInteger: boolean;
  readonly disabled: boolean;
  readonly onChange: (value: Triple) => void;
}

const axes = ["Depth", "Height", "Width"] as const;

/** Three numbers, one per axis; an empty one asks for nothing. */
export function TripleField(props: TripleFieldProps) {
  const { legend, note, value = [null, null, null], max, isInteger, disabled, onChange } = props;
  return (
    <fieldset className="triple">
      <legend>{legend}</legend>
      <div className="fields">
        {axes.map((axis, index) => (
          <NumberInput
            key={axis}
            label={axis}
            value={value[index] ?? ""}
            min={isInteger ? 1 : 0.01}
            max={max}
            step={isInteger ? 16 : 0.5}
            allowDecimal={!isInteger}
            allowNegative={false}
            clampBehavior="strict"
            placeholder="as read"
            disabled={disabled}
            onChange={(next) => {
              const wanted = typeof next === "number" && next > 0 ? next : null;
              onChange(value.with(index, wanted) as Triple);
            }}
          />
        ))}
      </div>
      <p className="soft">{note}</p>
    </fieldset>
  );
}
