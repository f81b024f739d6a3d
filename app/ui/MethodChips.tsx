import { Chip, Input } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface MethodChipsProps<N extends string> {
  readonly label: ReactNode;
  readonly description?: ReactNode;
  /** Every method by name, with its label. */
  readonly labels: Readonly<Record<N, string>>;
  /** Those offered here; all of them where it is left out. */
  readonly offered?: readonly N[];
  readonly chosen: readonly N[];
  readonly disabled: boolean;
  readonly onChange: (chosen: N[]) => void;
}

/** Methods to tick, in the order in which they are declared. */
export function MethodChips<N extends string>(props: MethodChipsProps<N>) {
  const { label, description, labels, chosen, disabled, onChange } = props;
  const all = Object.keys(labels) as N[];
  const offered = props.offered ?? all;
  const id = useId();
  return (
    <Input.Wrapper label={label} description={description} labelElement="div" labelProps={{ id }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex box everywhere */}
      <div role="group" aria-labelledby={id} className="chips">
        {all
          .filter((name) => offered.includes(name))
          .map((name) => (
            <Chip
              key={name}
              size="sm"
              disabled={disabled}
              checked={chosen.includes(name)}
              onChange={(checked) =>
                onChange(all.filter((one) => (one === name ? checked : chosen.includes(one))))
              }
            >
              {labels[name]}
            </Chip>
          ))}
      </div>
    </Input.Wrapper>
  );
}
