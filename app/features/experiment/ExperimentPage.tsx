import { Button } from "@mantine/core";
import { useMemo } from "react";
import { experimentProblem } from "#core/experiment/experiment.ts";
import { type ExperimentPlan, planOf } from "#core/experiment/plan.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { isRunActive } from "../../store/selectors.ts";
import { Facts } from "../../ui/Facts.tsx";
import { formatCount, formatPlural, formatSeconds } from "../../ui/format.ts";
import { Later } from "../../ui/Later.tsx";
import { Message } from "../../ui/Message.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { DeviceCard } from "./DeviceCard.tsx";
import { GridPanel } from "./GridPanel.tsx";
import { PlanTable } from "./PlanTable.tsx";
import { type StartState, startObstacle } from "./startObstacle.ts";
import { TrainingPanel } from "./TrainingPanel.tsx";
import { useCalibration } from "./useCalibration.ts";

/** Step 2: what to compare, how to train, on which device, and what it will take. */
export function ExperimentPage() {
  const experiment = useApp((state) => state.experiment);
  const cohort = useApp((state) => state.cohort);
  const device = useApp((state) => state.device);
  const isReading = useApp((state) => state.reading !== null);
  const isRunning = useApp(isRunActive);
  const actions = useActions();
  useCalibration();
  const plan = useMemo(
    () => (cohort ? planOf(experiment, cohort, device.speeds ?? {}) : null),
    [experiment, cohort, device.speeds],
  );
  const form = { experiment, disabled: isRunning, onChange: actions.editExperiment };
  const designProblem = useMemo(() => experimentProblem(experiment), [experiment]);
  const state = { plan, designProblem, isReading, isRunning, isCalibrating: device.calibrating };
  return (
    <>
      <PageHead title="Experiment">
        Which budgets to compare, and how each model trains. Nothing starts before you press Start.
      </PageHead>
      {isRunning ? (
        <Message kind="info">
          A run is under way; the design can change when it has ended.{" "}
          <a href="#run">See the run</a>
        </Message>
      ) : null}
      <div className="columns" data-even>
        <GridPanel {...form} onPaperGrid={actions.applyPaperGrid} />
        <Later turn={1}>
          <TrainingPanel {...form} onPreset={actions.applyPreset} />
        </Later>
      </div>
      <Later turn={2}>
        <DeviceCard
          device={device}
          disabled={isRunning}
          cannotMeasure={cohort ? null : "open a cohort first"}
          onChoose={(choice) => void actions.chooseDevice(choice)}
          onMeasure={() => void actions.calibrate()}
        />
      </Later>
      <Later turn={3}>
        <PlanPanel plan={plan} isMeasuring={device.calibrating} />
      </Later>
      <StartBar state={state} onStart={() => void actions.startRun()} />
    </>
  );
}

function PlanPanel(props: { plan: ExperimentPlan | null; isMeasuring: boolean }) {
  const { plan, isMeasuring } = props;
  if (!plan) {
    return (
      <Panel title="Plan">
        <p style={{ margin: 0 }}>
          <a href="#cohort">Open a cohort</a> to see volumes, slices and times.
        </p>
      </Panel>
    );
  }
  return (
    <Panel
      title="Plan"
      note="Volumes, slices and budget of each configuration, by the very split that trials use."
    >
      <div className="column">
        {plan.problems.map((problem) => (
          <Message key={problem} kind="bad">
            {problem}
          </Message>
        ))}
        <PlanTable rows={plan.configurations} isMeasuring={isMeasuring} />
      </div>
    </Panel>
  );
}

/** What the whole experiment takes, and the button that starts it. */
export function StartBar({ state, onStart }: { state: StartState; onStart: () => void }) {
  const { plan } = state;
  const obstacle = startObstacle(state);
  const unknown = state.isCalibrating ? "measuring..." : "not measured";
  const time = plan?.seconds == null ? unknown : `about ${formatSeconds(plan.seconds)}`;
  return (
    <section className="actionsBar" aria-label="Start the experiment">
      <Facts
        facts={[
          { key: "trials", name: "Trials", value: plan ? formatCount(plan.trials) : "-" },
          { key: "steps", name: "Training steps", value: plan ? formatCount(plan.steps) : "-" },
          { key: "time", name: "Time on this device", value: plan ? time : "-" },
        ]}
      />
      <div className="choiceButtons" style={{ alignItems: "center" }}>
        {obstacle ? (
          <span className="soft" id="start-obstacle">
            {obstacle}
          </span>
        ) : null}
        <Button
          size="md"
          disabled={obstacle !== null}
          aria-describedby={obstacle ? "start-obstacle" : undefined}
          onClick={onStart}
        >
          Start
        </Button>
      </div>
      <span className="visuallyHidden" aria-live="polite">
        {plan ? `${formatPlural(plan.trials, "trial")} planned` : ""}
      </span>
    </section>
  );
}
