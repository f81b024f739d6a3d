import { Button, Checkbox, Group, NativeSelect } from "@mantine/core";
import { type Experiment, networkSizes } from "#core/experiment/experiment.ts";
import { networkLabels } from "#core/experiment/methods.ts";
import { type PresetName, presetLabels, presets } from "#core/experiment/presets.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";
import type { FormProps } from "./GridPanel.tsx";

interface TrainingPanelProps extends FormProps {
  readonly onPreset: (name: PresetName) => void;
}

/** How every trial trains. */
export function TrainingPanel({ experiment, disabled, onChange, onPreset }: TrainingPanelProps) {
  return (
    <Panel
      title="How each trial trains"
      aside={<Presets experiment={experiment} disabled={disabled} onPreset={onPreset} />}
    >
      <div className="column" style={{ gap: "0.875rem" }}>
        <div className="fields">
          <NativeSelect
            label="Network"
            value={experiment.network}
            disabled={disabled}
            data={Object.entries(networkLabels).map(([value, label]) => ({ value, label }))}
            onChange={({ currentTarget: { value } }) =>
              isNetwork(value) && onChange({ network: value })
            }
          />
          <NativeSelect
            label="Network size"
            value={experiment.networkSize}
            disabled={disabled}
            data={[...networkSizes]}
            onChange={({ currentTarget: { value } }) => {
              const networkSize = networkSizes.find((size) => size === value);
              if (networkSize) onChange({ networkSize });
            }}
          />
          <NumberField
            label="Iterations"
            min={1}
            max={1_000_000}
            step={100}
            value={experiment.iterations}
            disabled={disabled}
            onChange={(iterations) => onChange({ iterations })}
          />
          <NumberField
            label="Batch size"
            min={1}
            max={256}
            value={experiment.batchSize}
            disabled={disabled}
            onChange={(batchSize) => onChange({ batchSize })}
          />
          <NumberField
            label="Learning rate"
            min={0.000001}
            max={1}
            step={0.0005}
            isInteger={false}
            value={experiment.learningRate}
            disabled={disabled}
            onChange={(learningRate) => onChange({ learningRate })}
          />
        </div>
        <PatchFields experiment={experiment} disabled={disabled} onChange={onChange} />
      </div>
    </Panel>
  );
}

function isNetwork(value: string): value is Experiment["network"] {
  return value in networkLabels;
}

function Presets(props: Pick<TrainingPanelProps, "experiment" | "disabled" | "onPreset">) {
  const { experiment, disabled, onPreset } = props;
  const names = Object.keys(presets) as PresetName[];
  const isOn = (name: PresetName) => {
    const { iterations, batchSize, repeats, networkSize } = presets[name];
    return (
      experiment.iterations === iterations &&
      experiment.batchSize === batchSize &&
      experiment.repeats === repeats &&
      experiment.networkSize === networkSize
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in a line of a flex box
    <div role="group" aria-label="Presets" className="choiceButtons">
      {names.map((name) => (
        <Button
          key={name}
          size="compact-sm"
          variant={isOn(name) ? "filled" : "default"}
          aria-pressed={isOn(name)}
          disabled={disabled}
          onClick={() => onPreset(name)}
        >
          {presetLabels[name]}
        </Button>
      ))}
    </div>
  );
}

function PatchFields({ experiment, disabled, onChange }: FormProps) {
  const { patch } = experiment;
  const [height, width] = patch === "auto" ? [64, 64] : patch;
  return (
    <div>
      <Group gap="sm" align="center">
        <Checkbox
          size="sm"
          label="Patch size chosen automatically"
          checked={patch === "auto"}
          disabled={disabled}
          onChange={({ currentTarget: { checked } }) =>
            onChange({ patch: checked ? "auto" : [height, width] })
          }
        />
        <Term name="patch">What is a patch?</Term>
      </Group>
      {patch === "auto" ? null : (
        <div className="fields" style={{ marginTop: "0.5rem" }}>
          <NumberField
            label="Patch height, pixels"
            min={8}
            max={1024}
            step={16}
            value={height}
            disabled={disabled}
            onChange={(next) => onChange({ patch: [next, width] })}
          />
          <NumberField
            label="Patch width, pixels"
            min={8}
            max={1024}
            step={16}
            value={width}
            disabled={disabled}
            onChange={(next) => onChange({ patch: [height, next] })}
          />
        </div>
      )}
    </div>
  );
}
