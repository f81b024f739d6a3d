import { Checkbox, Group, NativeSelect } from "@mantine/core";
import { networkSizes } from "#core/experiment/experiment.ts";
import { networkDimensions } from "#core/experiment/methods.ts";
import type { RecipeName } from "#core/experiment/paperRuns.ts";
import type { PresetName } from "#core/experiment/presets.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Term } from "../../ui/Term.tsx";
import type { FormProps } from "./GridPanel.tsx";
import { PresetFields, RecipeFields } from "./RecipeFields.tsx";

interface TrainingPanelProps extends FormProps {
  readonly onPreset: (effort: PresetName, recipe: RecipeName) => void;
}

/** How every trial trains. */
export function TrainingPanel({ experiment, disabled, onChange, onPreset }: TrainingPanelProps) {
  const dimensions = experiment.networks.map((network) => networkDimensions[network]);
  const [has2d, has3d] = [dimensions.includes(2), dimensions.includes(3)];
  return (
    <Panel title="How each trial trains">
      <div className="column" style={{ gap: "0.875rem" }}>
        <PresetFields experiment={experiment} disabled={disabled} onPreset={onPreset} />
        <div className="fields">
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
          {has2d ? (
            <NumberField
              label="Batch size"
              min={1}
              max={256}
              value={experiment.batchSize}
              disabled={disabled}
              onChange={(batchSize) => onChange({ batchSize })}
            />
          ) : null}
          {has3d ? (
            <NumberField
              label="Batch size, 3D"
              min={1}
              max={256}
              value={experiment.batchSize3d}
              disabled={disabled}
              onChange={(batchSize3d) => onChange({ batchSize3d })}
            />
          ) : null}
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
        <RecipeFields {...{ experiment, disabled, onChange }} />
        {has2d ? <SlicePatchFields {...{ experiment, disabled, onChange }} /> : null}
        {has3d ? <VolumePatchFields {...{ experiment, disabled, onChange }} /> : null}
      </div>
    </Panel>
  );
}

function SlicePatchFields({ experiment: { patch }, disabled, onChange }: FormProps) {
  const sides = patch === "auto" ? [64, 64] : patch;
  const change = (next: readonly number[]) => onChange({ patch: [next[0] ?? 64, next[1] ?? 64] });
  return (
    <PatchFields
      of="Patch"
      unit="pixels"
      sides={[
        ["height", sides[0] ?? 64],
        ["width", sides[1] ?? 64],
      ]}
      max={1024}
      isAuto={patch === "auto"}
      disabled={disabled}
      onAuto={() => onChange({ patch: "auto" })}
      onChange={change}
    />
  );
}

function VolumePatchFields({ experiment: { patch3d }, disabled, onChange }: FormProps) {
  const sides = patch3d === "auto" ? [32, 48, 48] : patch3d;
  return (
    <PatchFields
      of="3D patch"
      unit="voxels"
      sides={[
        ["depth", sides[0] ?? 32],
        ["height", sides[1] ?? 48],
        ["width", sides[2] ?? 48],
      ]}
      max={512}
      isAuto={patch3d === "auto"}
      disabled={disabled}
      onAuto={() => onChange({ patch3d: "auto" })}
      onChange={([depth = 32, height = 48, width = 48]) =>
        onChange({ patch3d: [depth, height, width] })
      }
    />
  );
}

interface PatchFieldsProps {
  readonly of: "Patch" | "3D patch";
  readonly unit: string;
  readonly sides: readonly (readonly [name: string, size: number])[];
  readonly max: number;
  readonly isAuto: boolean;
  readonly disabled: boolean;
  readonly onAuto: () => void;
  readonly onChange: (sizes: readonly number[]) => void;
}

/** Whether the patch is chosen automatically, and its sides when it is not. */
function PatchFields(props: PatchFieldsProps) {
  const { of, unit, sides, max, isAuto, disabled, onAuto, onChange } = props;
  const sizes = sides.map(([, size]) => size);
  return (
    <div>
      <Group gap="sm" align="center">
        <Checkbox
          size="sm"
          label={`${of} size chosen automatically`}
          checked={isAuto}
          disabled={disabled}
          onChange={({ currentTarget: { checked } }) => (checked ? onAuto() : onChange(sizes))}
        />
        <Term name="patch">What is a patch?</Term>
      </Group>
      {isAuto ? null : (
        <div className="fields" style={{ marginTop: "0.5rem" }}>
          {sides.map(([name, size], index) => (
            <NumberField
              key={name}
              label={`${of} ${name}, ${unit}`}
              min={8}
              max={max}
              step={16}
              value={size}
              disabled={disabled}
              onChange={(next) => onChange(sizes.with(index, next))}
            />
          ))}
        </div>
      )}
    </div>
  );
}
