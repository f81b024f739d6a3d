import { Button } from "@mantine/core";
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from "react";
import { type Cohort, isUsable } from "#core/cohort/cohort.ts";
import { singleTarget, targetLabels } from "#core/experiment/target.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { goToStep } from "../../steps.ts";
import { isRunActive, labelsOf } from "../../store/selectors.ts";
import { formatPlural } from "../../ui/format.ts";
import { Later } from "../../ui/Later.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { caseLayers } from "../../viewer/caseLayers.ts";
import { ViewerDialog } from "../../viewer/ViewerDialog.tsx";
import { CasesTable } from "./CasesTable.tsx";
import { HowItWorks } from "./HowItWorks.tsx";
import { ProblemList } from "./ProblemList.tsx";
import { ReadingProgress } from "./ReadingProgress.tsx";
import { SampleCredit } from "./SampleCredit.tsx";
import { SheetPanel } from "./SheetPanel.tsx";
import { SplitPanel } from "./SplitPanel.tsx";
import { StartChoices } from "./StartChoices.tsx";
import { StorageNote } from "./StorageNote.tsx";
import { TargetLabels } from "./TargetLabels.tsx";

const CohortTools = lazy(async () => ({
  default: (await import("./CohortTools.tsx")).CohortTools,
}));

/** Step 1: which scans, what in them, who trains and who tests. */
export function CohortPage() {
  // Deferred: the tables of a large cohort are drawn in slices that leave the page free.
  const cohort = useApp((state) => state.cohort);
  const drawn = useDeferredValue(cohort, null);
  const reading = useApp((state) => state.reading);
  const isRunning = useApp(isRunActive);
  const actions = useActions();
  const choices = (
    <StartChoices
      compact={cohort !== null}
      disabled={reading !== null || isRunning}
      onSample={() => void actions.loadSampleCohort()}
      onQuick={() => void actions.quickExperiment()}
      onFiles={(chosen) => void actions.addFiles(chosen).then((what) => goToStep(what))}
    />
  );
  return (
    <>
      <PageHead title={cohort ? cohort.name : "Cohort"} aside={cohort ? choices : null}>
        {cohort
          ? summaryOf(cohort)
          : "How many slices of how many scans should you annotate? Slicewise trains small networks on scans that are annotated already, hides most of the masks, and shows what each budget buys."}
      </PageHead>
      {reading ? (
        <>
          <ReadingProgress reading={reading} />
          <div>
            <Button size="xs" variant="default" onClick={actions.cancelReading}>
              Stop reading
            </Button>
          </div>
        </>
      ) : null}
      {cohort ? (
        drawn && <CohortPanels cohort={drawn} />
      ) : (
        <>
          {choices}
          <HowItWorks />
        </>
      )}
    </>
  );
}

function summaryOf(cohort: Cohort): string {
  const patients = new Set(cohort.cases.map(({ patient }) => patient)).size;
  return `${formatPlural(cohort.cases.length, "case")} of ${formatPlural(patients, "patient")}.`;
}

function CohortPanels({ cohort }: { cohort: Cohort }) {
  const source = useApp((state) => state.cohortSource);
  const experiment = useApp((state) => state.experiment);
  const isRunning = useApp(isRunActive);
  const places = useApp((state) => state.places);
  const storage = useApp((state) => state.storage);
  const isReading = useApp((state) => state.reading !== null);
  const [editing, setEditing] = useState<string | null>(null);
  const isBusy = isRunning || isReading;
  const { editExperiment } = useActions();
  const labels = useMemo(() => labelsOf(cohort), [cohort]);
  const usable = useMemo(() => cohort.cases.filter(isUsable), [cohort]);
  const [opened, setOpened] = useState<string | null>(null);
  const open = useCallback((caseId: string) => setOpened(caseId), []);
  return (
    <>
      <ProblemList problems={cohort.problems} places={places} />
      <StorageNote storage={storage} />
      <CasesTable
        cohort={cohort}
        places={places}
        disabled={isBusy}
        onEdit={setEditing}
        onOpen={open}
      />
      <Later turn={3}>
        <Suspense fallback={null}>
          <CohortTools
            cohort={cohort}
            disabled={isBusy}
            editing={editing}
            onClose={() => setEditing(null)}
          />
        </Suspense>
      </Later>
      <Later turn={2}>
        <SheetPanel cohort={cohort} onOpen={open} />
      </Later>
      <ViewerDialog
        title={opened ?? ""}
        view={
          opened === null
            ? null
            : { cohortId: cohort.id, caseId: opened, ...caseLayers(cohort, experiment.target) }
        }
        onClose={() => setOpened(null)}
      />
      <div className="columns" data-side>
        <div className="column">
          <TargetLabels
            labels={labels}
            selected={targetLabels(experiment.target)}
            disabled={isRunning}
            onChange={(targets) => editExperiment({ target: singleTarget(targets) })}
          />
          {source === "sample" ? <SampleCredit /> : null}
        </div>
        <Later turn={1}>
          <SplitPanel
            cases={usable}
            rule={experiment.split}
            disabled={isRunning}
            onChange={(split) => editExperiment({ split })}
          />
        </Later>
      </div>
    </>
  );
}
