import { Button, TextInput } from "@mantine/core";
import type { Experiment } from "#core/experiment/experiment.ts";
import { interpolatorLabels, networkLabels } from "#core/experiment/methods.ts";
import { formatFraction, formatPercent } from "../../ui/format.ts";
import { MethodChips } from "../../ui/MethodChips.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { SelectionFields } from "../../ui/SelectionFields.tsx";
import { ShareChips } from "../../ui/ShareChips.tsx";
import { StrategyChips } from "../../ui/StrategyChips.tsx";
import { Term } from "../../ui/Term.tsx";

export interface FormProps {
  readonly experiment: Experiment;
  readonly disabled: boolean;
  readonly onChange: (change: Partial<Experiment>) => void;
}

interface GridPanelProps extends FormProps {
  readonly onPaperGrid: () => void;
}

/** What is compared: densities, volume fractions, methods and repeats. */
export function GridPanel({ experiment, disabled, onChange, onPaperGrid }: GridPanelProps) {
  return (
    <Panel
      title="What to compare"
      note={
        <>
          Every <Term name="density">density</Term> with every{" "}
          <Term name="volumeFraction">volume fraction</Term>, network,{" "}
          <Term name="strategy">strategy</Term> and <Term name="interpolation">interpolation</Term>{" "}
          is one <Term name="configuration">configuration</Term>.
        </>
      }
      aside={
        <Button size="compact-sm" variant="default" disabled={disabled} onClick={onPaperGrid}>
          The paper's grid
        </Button>
      }
    >
      <div className="column" style={{ gap: "0.875rem" }}>
        <ShareChips
          name="densities"
          label="Densities"
          description="Slices annotated in each annotated volume"
          placeholder="Add 10 %"
          values={experiment.densities}
          format={formatPercent}
          disabled={disabled}
          onChange={(densities) => onChange({ densities })}
        />
        <ShareChips
          name="volume fractions"
          label="Volume fractions"
          description="Annotated volumes of the training pool"
          placeholder="Add 1/4"
          values={experiment.volumeFractions}
          format={formatFraction}
          disabled={disabled}
          onChange={(volumeFractions) => onChange({ volumeFractions })}
        />
        <MethodChips
          label={<Term name="network">Networks</Term>}
          labels={networkLabels}
          chosen={experiment.networks}
          disabled={disabled}
          onChange={(networks) => onChange({ networks })}
        />
        <StrategyChips
          chosen={experiment.strategies}
          disabled={disabled}
          onChange={(strategies) => onChange({ strategies })}
        />
        <SelectionFields
          selection={experiment.selection}
          disabled={disabled}
          onChange={(selection) => onChange({ selection })}
        />
        <MethodChips
          label={<Term name="interpolation" />}
          labels={interpolatorLabels}
          chosen={experiment.interpolators}
          disabled={disabled}
          onChange={(interpolators) => onChange({ interpolators })}
        />
        <div className="fields">
          <NumberField
            label="Repeats"
            min={1}
            max={100}
            value={experiment.repeats}
            disabled={disabled}
            onChange={(repeats) => onChange({ repeats })}
          />
          <NumberField
            label="Seed"
            min={0}
            max={2 ** 31 - 1}
            value={experiment.seed}
            disabled={disabled}
            onChange={(seed) => onChange({ seed })}
          />
          <TextInput
            label="Name"
            maxLength={200}
            value={experiment.name}
            disabled={disabled}
            onChange={({ currentTarget: { value } }) => onChange({ name: value })}
          />
        </div>
      </div>
    </Panel>
  );
}
