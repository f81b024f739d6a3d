import { Checkbox } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { ErrorBoundary } from "../../ui/ErrorBoundary.tsx";
import { Panel } from "../../ui/Panel.tsx";

const ContactSheet = lazy(() =>
  import("../../viewer/ContactSheet.tsx").then((module) => ({ default: module.ContactSheet })),
);

interface SheetPanelProps {
  readonly cohort: Cohort;
  readonly onOpen: (caseId: string) => void;
}

/** The cohort as pictures: the middle slice of every usable case. */
export function SheetPanel({ cohort, onOpen }: SheetPanelProps) {
  const [isOpen, setOpen] = useState(false);
  const [withMask, setWithMask] = useState(true);
  const cases = useMemo(
    () =>
      cohort.cases.filter(isUsable).map(({ id, shape }) => ({
        caseId: id,
        slice: Math.floor((shape?.[0] ?? 0) / 2),
      })),
    [cohort],
  );
  return (
    <Panel
      title="Contact sheet"
      note="The middle slice of every case that can be used."
      aside={
        isOpen ? (
          <Checkbox
            size="xs"
            label="With masks"
            checked={withMask}
            onChange={(event) => setWithMask(event.currentTarget.checked)}
          />
        ) : null
      }
    >
      <details className="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Show all cases</summary>
        {isOpen ? (
          <ErrorBoundary>
            <Suspense fallback={<p className="soft">Loading</p>}>
              <ContactSheet
                cohortId={cohort.id}
                cases={cases}
                withMask={withMask}
                onPick={onOpen}
              />
            </Suspense>
          </ErrorBoundary>
        ) : null}
      </details>
    </Panel>
  );
}
