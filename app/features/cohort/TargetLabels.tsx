import { Chip, Group } from "@mantine/core";
import type { CohortLabel } from "../../store/selectors.ts";
import { formatPlural } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";

interface TargetLabelsProps {
  readonly labels: readonly CohortLabel[];
  readonly selected: readonly number[];
  readonly disabled: boolean;
  readonly onChange: (labels: number[]) => void;
}

/** Chooses the labels that together form the structure to segment. */
export function TargetLabels({ labels, selected, disabled, onChange }: TargetLabelsProps) {
  const present = selected.filter((label) => labels.some((one) => one.label === label));
  const change = (label: number, checked: boolean) => {
    const rest = present.filter((other) => other !== label);
    const next = checked ? [...rest, label] : rest;
    if (next.length > 0) onChange(next.sort((a, b) => a - b));
  };
  return (
    <Panel
      title={<Term name="target">Target labels</Term>}
      note="The chosen labels are joined into one structure; at least one stays chosen."
    >
      <Group gap="xs">
        {labels.map(({ label, name, cases }) => (
          <Chip
            key={label}
            size="sm"
            disabled={disabled}
            checked={present.includes(label)}
            onChange={(checked) => change(label, checked)}
          >
            {name ? `${label} ${name}` : `Label ${label}`} · {formatPlural(cases, "case")}
          </Chip>
        ))}
        {labels.length === 0 ? <span className="soft">No usable case has a label.</span> : null}
      </Group>
    </Panel>
  );
}
