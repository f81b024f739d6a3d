import { Input, Pill, PillsInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { parseShare } from "./format.ts";

interface ShareChipsProps {
  /** Accessible name of the field, in the plural. */
  readonly name: string;
  readonly label: ReactNode;
  readonly description?: ReactNode;
  /** Shares in (0, 1], shown ascending. */
  readonly values: readonly number[];
  readonly format: (share: number) => string;
  readonly placeholder: string;
  readonly disabled?: boolean;
  readonly onChange: (values: number[]) => void;
}

const RULE = "type a share above 0 and at most 100 %, such as 10 %, 1/8 or 0.25";

/** A list of shares as chips: type and press Enter to add, Backspace or the cross to remove. */
export function ShareChips(props: ShareChipsProps) {
  const {
    name,
    label,
    description,
    values,
    format,
    placeholder,
    disabled = false,
    onChange,
  } = props;
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const errorId = useId();

  const add = () => {
    if (text.trim() === "") return;
    const parts = text.split(/[;\s]*[;\n][;\s]*|,\s+/).filter((part) => part.trim() !== "");
    const added = parts.map(parseShare);
    if (added.includes(null)) return setError(`${RULE}, got ${text.trim()}`);
    setError(null);
    setText("");
    const all = [...values, ...added.filter((value) => value !== null)];
    return onChange([...new Set(all)].sort((a, b) => a - b));
  };
  const remove = (value: number) => onChange(values.filter((other) => other !== value));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || (event.key === "," && parseShare(text) !== null)) {
      event.preventDefault();
      add();
    }
    const last = values.at(-1);
    if (event.key === "Backspace" && text === "" && last !== undefined) remove(last);
  };

  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      description={description}
      error={error}
      errorProps={{ id: errorId }}
    >
      <PillsInput disabled={disabled} error={error !== null} mt={4}>
        <Pill.Group>
          {values.map((value) => (
            <Pill
              key={value}
              disabled={disabled}
              withRemoveButton={!disabled}
              onRemove={() => remove(value)}
              removeButtonProps={{
                "aria-label": `Remove ${format(value)} from ${name}`,
                "aria-hidden": false,
                tabIndex: 0,
              }}
            >
              {format(value)}
            </Pill>
          ))}
          <PillsInput.Field
            aria-label={`Add to ${name}`}
            aria-invalid={error !== null}
            aria-describedby={error ? errorId : undefined}
            placeholder={placeholder}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onBlur={add}
          />
        </Pill.Group>
      </PillsInput>
    </Input.Wrapper>
  );
}
