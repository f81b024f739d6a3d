import { Button, Chip, Input, TextInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Experiment } from "#core/experiment/experiment.ts";
import { interpolatorLabels, networkLabels, strategyLabels } from "#core/experiment/methods.ts";
import { formatFraction, formatPercent } from "../../ui/format.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { ShareChips } from "../../ui/ShareChips.tsx";
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
        <MethodChips
          label={<Term name="strategy">Strategies</Term>}
          labels={strategyLabels}
          chosen={experiment.strategies}
          disabled={disabled}
          onChange={(strategies) => onChange({ strategies })}
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

interface MethodChipsProps<N extends string> {
  readonly label: ReactNode;
  /** Every method by name, with its label. */
  readonly labels: Readonly<Record<N, string>>;
  readonly chosen: readonly N[];
  readonly disabled: boolean;
  readonly onChange: (chosen: N[]) => void;
}

/** Methods to tick, in the order in which they are declared. */
export function MethodChips<N extends string>(props: MethodChipsProps<N>) {
  const { label, labels, chosen, disabled, onChange } = props;
  const all = Object.keys(labels) as N[];
  const id = useId();
  return (
    <Input.Wrapper label={label} labelElement="div" labelProps={{ id }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex box everywhere */}
      <div role="group" aria-labelledby={id} className="chips">
        {all.map((name) => (
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
