import { Button, Group, NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { noSettings } from "#core/cohort/settings.ts";
import type { Preprocessing } from "#core/volume/preprocessing.ts";
import type { CasePreview } from "#workers/protocol.ts";
import { Facts } from "../../ui/Facts.tsx";
import { formatBytes } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { IntensityFields } from "./IntensityFields.tsx";
import { gridForecast, rangeText, tidied } from "./preprocessingForm.ts";
import { SlicePicture } from "./SlicePicture.tsx";
import { TripleField } from "./TripleField.tsx";

interface PreprocessingPanelProps {
  readonly cohort: Cohort;
  readonly disabled: boolean;
  readonly onPreview: (caseId: string, rule: Preprocessing) => Promise<CasePreview | null>;
  readonly onApply: (rule: Preprocessing) => void;
}

/** What is done to every volume before trials see it, shown before it is applied. */
export function PreprocessingPanel(props: PreprocessingPanelProps) {
  const { cohort, disabled, onPreview, onApply } = props;
  const applied = useMemo(
    () => tidied((cohort.settings ?? noSettings).preprocessing),
    [cohort.settings],
  );
  const [draft, setDraft] = useState<Preprocessing>(applied);
  const usable = useMemo(() => cohort.cases.filter(isUsable), [cohort]);
  const isChanged = JSON.stringify(tidied(draft)) !== JSON.stringify(applied);
  const change = (next: Partial<Preprocessing>) => setDraft((old) => ({ ...old, ...next }));
  return (
    <Panel
      title="Preprocessing"
      note="Done to every volume before trials see it; what is stored stays as it was read. Results record it."
    >
      <div className="column">
        <TripleField
          legend="Spacing, mm"
          note="Empty keeps the spacing of an axis. Images are resampled linearly (smoothed before where voxels grow by more than 2), masks to the nearest voxel."
          value={draft.spacing}
          max={100}
          isInteger={false}
          disabled={disabled}
          onChange={(spacing) => change({ spacing })}
        />
        <TripleField
          legend="Size, voxels"
          note="Empty keeps the size. Volumes are cropped or padded about their centre."
          value={draft.size}
          max={4096}
          isInteger
          disabled={disabled}
          onChange={(size) => change({ size })}
        />
        <IntensityFields
          rule={draft.intensity}
          disabled={disabled}
          onChange={(intensity) => change({ intensity })}
        />
        <Forecast cohort={cohort} rule={draft} />
        <Preview
          key={cohort.id}
          ids={usable.map(({ id }) => id)}
          rule={draft}
          onPreview={onPreview}
        />
        <Group gap="xs">
          <Button
            size="xs"
            disabled={disabled || !isChanged || usable.length === 0}
            onClick={() => onApply(tidied(draft))}
          >
            Apply to the cohort
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={disabled || !isChanged}
            onClick={() => setDraft(applied)}
          >
            Back to what is applied
          </Button>
        </Group>
      </div>
    </Panel>
  );
}

function Forecast({ cohort, rule }: { cohort: Cohort; rule: Preprocessing }) {
  const grids = useMemo(() => gridForecast(cohort.cases.filter(isUsable), rule), [cohort, rule]);
  if (grids.length === 0) return null;
  const largest = Math.max(...grids.map(({ after: [d, h, w] }) => 5 * d * h * w));
  const facts = [
    { key: "before", name: "Shapes as read", value: rangeText(grids.map((one) => one.before)) },
    { key: "after", name: "Shapes in trials", value: rangeText(grids.map((one) => one.after)) },
    { key: "memory", name: "Memory of the largest case", value: formatBytes(largest) },
  ];
  return <Facts facts={facts} />;
}

interface PreviewProps {
  readonly ids: readonly string[];
  readonly rule: Preprocessing;
  readonly onPreview: PreprocessingPanelProps["onPreview"];
}

function Preview({ ids, rule, onPreview }: PreviewProps) {
  const [id, setId] = useState(ids[0] ?? "");
  const [shown, setShown] = useState<{ readonly id: string; readonly of: CasePreview } | null>(
    null,
  );
  const [isBusy, setIsBusy] = useState(false);
  const show = async () => {
    setIsBusy(true);
    const found = await onPreview(id, tidied(rule));
    setIsBusy(false);
    if (found) setShown({ id, of: found });
  };
  return (
    <>
      <Group gap="xs" align="end">
        <NativeSelect
          label="Case to look at"
          value={id}
          data={[...ids]}
          onChange={({ currentTarget: { value } }) => setId(value)}
        />
        <Button variant="default" disabled={id === ""} loading={isBusy} onClick={() => void show()}>
          Show a slice
        </Button>
      </Group>
      {shown ? (
        <div className="slicePair" aria-live="polite">
          {(["before", "after"] as const).map((when) => (
            <figure key={when}>
              <SlicePicture
                slice={shown.of[when]}
                label={`Slice of ${shown.id} ${when} preprocessing`}
              />
              <figcaption className="soft">{captionOf(when, shown.of[when])}</figcaption>
            </figure>
          ))}
        </div>
      ) : null}
    </>
  );
}

function captionOf(when: "before" | "after", { shape, spacing, low, high }: CasePreview["before"]) {
  const number = (value: number) => Number(value.toPrecision(3));
  return (
    `${when === "before" ? "As read" : "In trials"}: ${shape.join(" × ")} voxels of ` +
    `${spacing.map(number).join(" × ")} mm, black ${number(low)}, white ${number(high)}`
  );
}
