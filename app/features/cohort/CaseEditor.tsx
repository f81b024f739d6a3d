import { Button, Checkbox, Group, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { CaseSummary, Cohort } from "#core/cohort/cohort.ts";
import { type CaseEdit, noSettings, planes } from "#core/cohort/settings.ts";
import { Panel } from "../../ui/Panel.tsx";
import { refText } from "./caseRefs.ts";

interface CaseEditorProps {
  readonly cohort: Cohort;
  readonly one: CaseSummary;
  readonly places: Readonly<Record<string, string>>;
  readonly disabled: boolean;
  readonly onSave: (edit: CaseEdit) => void;
  readonly onClose: () => void;
}

const AS_FOUND = "";
const NO_MASK = "\0none";

/** Corrects what was recognised of one case. */
export function CaseEditor({ cohort, one, places, disabled, onSave, onClose }: CaseEditorProps) {
  const before = (cohort.settings ?? noSettings).cases[one.id] ?? {};
  const [edit, setEdit] = useState<CaseEdit>(before);
  const heading = useRef<HTMLDivElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const change = (next: Partial<CaseEdit>) => setEdit((old) => without({ ...old, ...next }));
  const masks = cohort.choices?.masks ?? [];
  const volumes = one.volumes ?? 1;
  return (
    <div ref={heading} tabIndex={-1}>
      <Panel title={`Change case ${one.id}`} note={`Image: ${refText(one.imagePath, places)}`}>
        <div className="column">
          <div className="fields">
            <NativeSelect
              label="Mask"
              value={edit.mask === undefined ? AS_FOUND : (edit.mask ?? NO_MASK)}
              data={[
                { value: AS_FOUND, label: asFound(before, one, places) },
                { value: NO_MASK, label: "No mask" },
                ...masks.map((mask) => ({ value: mask, label: refText(mask, places) })),
              ]}
              onChange={({ currentTarget: { value } }) => change({ mask: maskOf(value) })}
            />
            <TextInput
              label="Patient"
              description="Cases of one patient stand on one side of the split."
              placeholder={one.patient}
              value={edit.patient ?? ""}
              maxLength={200}
              onChange={({ currentTarget: { value } }) => change({ patient: value || undefined })}
            />
            {volumes > 1 ? (
              <NativeSelect
                label="Volume (channel or time point)"
                value={edit.volume === undefined ? AS_FOUND : String(edit.volume)}
                data={[
                  { value: AS_FOUND, label: "As for the cohort" },
                  ...Array.from({ length: volumes }, (_, index) => ({
                    value: String(index),
                    label: `${index + 1} of ${volumes}`,
                  })),
                ]}
                onChange={({ currentTarget: { value } }) =>
                  change({ volume: value === AS_FOUND ? undefined : Number(value) })
                }
              />
            ) : null}
            <NativeSelect
              label="Slices"
              value={edit.plane ?? AS_FOUND}
              data={[{ value: AS_FOUND, label: "As for the cohort" }, ...planes]}
              onChange={({ currentTarget: { value } }) =>
                change({ plane: planes.find((plane) => plane === value) })
              }
            />
          </div>
          <Checkbox
            label="Leave this case out"
            checked={edit.excluded ?? false}
            onChange={({ currentTarget: { checked } }) =>
              change({ excluded: checked || undefined })
            }
          />
          <Group gap="xs">
            <Button size="xs" disabled={disabled} onClick={() => onSave(edit)}>
              Apply
            </Button>
            <Button size="xs" variant="default" onClick={onClose}>
              Close
            </Button>
          </Group>
        </div>
      </Panel>
    </div>
  );
}

function asFound(before: CaseEdit, { maskPath }: CaseSummary, places: CaseEditorProps["places"]) {
  if (before.mask !== undefined) return "As recognised";
  return maskPath === null
    ? "As recognised: no mask"
    : `As recognised: ${refText(maskPath, places)}`;
}

function maskOf(value: string): string | null | undefined {
  if (value === AS_FOUND) return undefined;
  return value === NO_MASK ? null : value;
}

/** Fields that are undefined are no fields. */
function without(edit: { [K in keyof CaseEdit]: CaseEdit[K] | undefined }): CaseEdit {
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined));
}
