import { Button, Group, NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { Cohort } from "#core/cohort/cohort.ts";
import { type CohortSettings, noSettings, planes } from "#core/cohort/settings.ts";
import { Panel } from "../../ui/Panel.tsx";
import { haveVolumes, refText } from "./caseRefs.ts";

interface CohortRulesProps {
  readonly cohort: Cohort;
  readonly places: Readonly<Record<string, string>>;
  readonly disabled: boolean;
  readonly onChange: (settings: CohortSettings) => void;
  readonly onSaveFile: () => void;
}

const NONE = "";

/** What holds for all cases: planes and channels; cases that pairing did not find. */
export function CohortRules({ cohort, places, disabled, onChange, onSaveFile }: CohortRulesProps) {
  const settings = cohort.settings ?? noSettings;
  const volumes = Math.max(1, ...cohort.cases.map((one) => one.volumes ?? 1));
  return (
    <Panel
      title="Slices and pairs"
      note="Slices are taken across the voxel axis nearest to the plane's normal; nothing is resampled for it."
      aside={
        <Button size="compact-xs" variant="default" onClick={onSaveFile}>
          Save as cohort.json
        </Button>
      }
    >
      <div className="column">
        <div className="fields">
          <NativeSelect
            label="Plane of slices"
            disabled={disabled}
            value={settings.plane}
            data={[...planes]}
            onChange={({ currentTarget: { value } }) => {
              const plane = planes.find((one) => one === value);
              if (plane) onChange({ ...settings, plane });
            }}
          />
          {haveVolumes(cohort.cases) ? (
            <NativeSelect
              label="Volume (channel or time point)"
              disabled={disabled}
              value={settings.volume === undefined ? NONE : String(settings.volume)}
              data={[
                { value: NONE, label: "The first" },
                ...Array.from({ length: volumes }, (_, index) => ({
                  value: String(index),
                  label: `${index + 1} of ${volumes}`,
                })),
              ]}
              onChange={({ currentTarget: { value } }) => {
                const { volume: _, ...rest } = settings;
                onChange(value === NONE ? rest : { ...rest, volume: Number(value) });
              }}
            />
          ) : null}
        </div>
        <AddCase
          cohort={cohort}
          places={places}
          disabled={disabled}
          onAdd={(added) => onChange({ ...settings, added: [...settings.added, added] })}
        />
      </div>
    </Panel>
  );
}

interface AddCaseProps extends Pick<CohortRulesProps, "cohort" | "places" | "disabled"> {
  readonly onAdd: (added: CohortSettings["added"][number]) => void;
}

/** Makes a case of an image that no case has. */
function AddCase({ cohort, places, disabled, onAdd }: AddCaseProps) {
  const [image, setImage] = useState(NONE);
  const [mask, setMask] = useState(NONE);
  const used = new Set(cohort.cases.flatMap((one) => [one.imagePath]));
  const images = (cohort.choices?.images ?? []).filter((one) => !used.has(one));
  if (images.length === 0) return null;
  const options = (refs: readonly string[], none: string) => [
    { value: NONE, label: none },
    ...refs.map((ref) => ({ value: ref, label: refText(ref, places) })),
  ];
  return (
    <Group gap="xs" align="end">
      <NativeSelect
        label="Image without a case"
        value={image}
        data={options(images, "Choose an image")}
        onChange={({ currentTarget: { value } }) => setImage(value)}
      />
      <NativeSelect
        label="Its mask"
        value={mask}
        data={options(cohort.choices?.masks ?? [], "No mask")}
        onChange={({ currentTarget: { value } }) => setMask(value)}
      />
      <Button
        variant="default"
        disabled={disabled || image === NONE}
        onClick={() => onAdd({ image, mask: mask === NONE ? null : mask })}
      >
        Add the case
      </Button>
    </Group>
  );
}
