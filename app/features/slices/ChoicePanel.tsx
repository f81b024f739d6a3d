import type { ReactNode } from "react";
import type { StrategyName } from "#core/experiment/methods.ts";
import type { SelectionSettings } from "#core/experiment/selection.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { SelectionFields } from "../../ui/SelectionFields.tsx";
import { StrategyChips } from "../../ui/StrategyChips.tsx";
import { Term } from "../../ui/Term.tsx";

/** What is compared on the slices of the cohort. */
export interface Choice {
  readonly strategies: readonly StrategyName[];
  readonly density: number;
  readonly volumeFraction: number;
  readonly seed: number;
  readonly selection: SelectionSettings;
}

interface ChoicePanelProps {
  readonly choice: Choice;
  readonly onChange: (change: Partial<Choice>) => void;
  readonly aside: ReactNode;
}

/** Strategies to compare, and how much is annotated. */
export function ChoicePanel({ choice, onChange, aside }: ChoicePanelProps) {
  const { strategies, density, volumeFraction, seed, selection } = choice;
  return (
    <Panel
      title="What to compare"
      note="Volumes and slices are those that a trial with this seed takes from the training pool."
      aside={aside}
    >
      <div className="column" style={{ gap: "0.875rem" }}>
        <StrategyChips
          chosen={strategies}
          disabled={false}
          onChange={(chosen) => onChange({ strategies: chosen })}
        />
        <div className="fields">
          <NumberField
            label={<Term name="density">Density, %</Term>}
            min={0.1}
            max={100}
            isInteger={false}
            value={percent(density)}
            onChange={(value) => onChange({ density: value / 100 })}
          />
          <NumberField
            label={<Term name="volumeFraction">Volume fraction, %</Term>}
            min={0.1}
            max={100}
            isInteger={false}
            value={percent(volumeFraction)}
            onChange={(value) => onChange({ volumeFraction: value / 100 })}
          />
          <NumberField
            label="Seed"
            min={0}
            max={2 ** 31 - 1}
            value={seed}
            onChange={(value) => onChange({ seed: value })}
          />
        </div>
        <SelectionFields
          selection={selection}
          disabled={false}
          onChange={(value) => onChange({ selection: value })}
        />
      </div>
    </Panel>
  );
}

/** Without the noise of floating point. */
function percent(share: number): number {
  return Number((100 * share).toPrecision(10));
}
