import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Cohort } from "#core/cohort/cohort.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { isRunActive, usableCaseCount } from "../../store/selectors.ts";
import { Message } from "../../ui/Message.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { CaseComparison } from "./CaseComparison.tsx";
import { type Choice, ChoicePanel } from "./ChoicePanel.tsx";
import { DiagnosticsTable } from "./DiagnosticsTable.tsx";
import { MapPanel } from "./MapPanel.tsx";
import { questionOf } from "./question.ts";
import { useComparison } from "./useComparison.ts";

/** An optional step: which slices strategies pick, before anything is trained. */
export function SlicesPage() {
  const cohort = useApp((state) => state.cohort);
  const usable = useApp(usableCaseCount);
  return (
    <>
      <PageHead title="Slices">
        Optional: see which slices each strategy would have annotated, before any training.
      </PageHead>
      {cohort && usable > 0 ? (
        <Comparison cohort={cohort} />
      ) : (
        <Panel title="Slices to choose from">
          <p style={{ margin: 0 }}>
            <a href="#cohort">Open a cohort</a> to compare strategies on its slices.
          </p>
        </Panel>
      )}
    </>
  );
}

function Comparison({ cohort }: { cohort: Cohort }) {
  const experiment = useApp((state) => state.experiment);
  const isRunning = useApp(isRunActive);
  const { editExperiment } = useActions();
  const [choice, setChoice] = useState<Choice>(() => ({
    strategies: [...new Set([...experiment.strategies, ...offered])],
    density: experiment.densities[0] ?? 0.1,
    volumeFraction: experiment.volumeFractions[0] ?? 1,
    seed: experiment.seed,
    selection: experiment.selection,
  }));
  const { question, problem: obstacle } = useMemo(
    () => questionOf(cohort, experiment, choice),
    [cohort, experiment, choice],
  );
  const { comparison, progress, problem } = useComparison(question);
  const wrong = obstacle ?? problem;
  const use = () => {
    editExperiment({ strategies: [...choice.strategies], selection: choice.selection });
  };
  return (
    <>
      <ChoicePanel
        choice={choice}
        onChange={(change) => setChoice((before) => ({ ...before, ...change }))}
        aside={
          <Button
            size="compact-sm"
            variant="default"
            disabled={isRunning || choice.strategies.length === 0}
            onClick={use}
          >
            Use these in the experiment
          </Button>
        }
      />
      {wrong ? <Message kind="bad">{wrong}</Message> : null}
      <p className="soft" aria-live="polite" style={{ margin: 0, minHeight: "1.4em" }}>
        {progress ? `Comparing: ${progress.done} of ${progress.total}` : ""}
      </p>
      {comparison && !obstacle ? (
        <>
          <CaseComparison cohortId={cohort.id} comparison={comparison} />
          <DiagnosticsTable comparison={comparison} />
          <MapPanel comparison={comparison} cohortId={cohort.id} />
        </>
      ) : null}
    </>
  );
}

/** Compared at first besides those of the experiment. */
const offered = ["fixedInterval", "uniformRandom", "unsupervised", "coreset"] as const;
