import { Button, Group, Progress } from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";
import type { TrialProgress } from "#core/results/progress.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import type { RunSlice } from "../../store/state.ts";
import { Facts } from "../../ui/Facts.tsx";
import { formatCount, formatPlural, formatSeconds } from "../../ui/format.ts";
import { PageHead } from "../../ui/PageHead.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Status } from "../../ui/Status.tsx";
import { Term } from "../../ui/Term.tsx";
import { LossCurve } from "./LossCurve.tsx";
import { trialName } from "./trialName.ts";
import { UnfinishedOffer } from "./UnfinishedOffer.tsx";

const phaseNames: Record<TrialProgress["phase"], string> = {
  prepare: "Preparing slices",
  interpolate: "Training the interpolation",
  train: "Training",
  evaluate: "Scoring test cases",
};

/** Step 3: the trials under way, waiting and failed. */
export function RunPage() {
  const run = useApp((state) => state.run);
  const done = useApp((state) => state.results.length);
  const isIdle = run.status === "idle";
  return (
    <>
      <PageHead title="Run" aside={<RunButtons status={run.status} />}>
        {isIdle
          ? "Trials train in a worker of this browser; the page stays free."
          : "You may use the other steps meanwhile. Each finished trial is stored at once."}
      </PageHead>
      <UnfinishedOffer />
      {isIdle ? <IdleNote done={done} /> : <UnderWay run={run} />}
      <div className="columns">
        <WaitingList run={run} />
        <FailedList />
      </div>
    </>
  );
}

function IdleNote({ done }: { done: number }) {
  const name = useApp((state) => state.definition?.experiment.name);
  return (
    <Panel title="No run under way">
      <p style={{ margin: 0 }}>
        {done > 0
          ? `${formatPlural(done, "trial")} of ${name === undefined ? "the last experiment" : `“${name}”`} ${done === 1 ? "has" : "have"} ended: `
          : "Nothing has run yet. "}
        {done > 0 ? <a href="#results">see the results</a> : null}
        {done > 0 ? " or " : ""}
        <a href="#experiment">{done > 0 ? "change the experiment" : "Design an experiment"}</a>
        {done > 0 ? "." : " and press Start."}
      </p>
    </Panel>
  );
}

function RunButtons({ status }: { status: RunSlice["status"] }) {
  const { pauseRun, resumeRun, cancelRun } = useActions();
  if (status === "idle") return null;
  return (
    <Group gap="xs">
      {status === "paused" ? (
        <Button size="sm" onClick={resumeRun}>
          Resume
        </Button>
      ) : (
        <Button size="sm" variant="default" disabled={status === "cancelling"} onClick={pauseRun}>
          Pause
        </Button>
      )}
      <Button size="sm" variant="default" disabled={status === "cancelling"} onClick={cancelRun}>
        Cancel
      </Button>
    </Group>
  );
}

/** Share of the trial's work that is done, 0..100; preparing and scoring count a little. */
function percentOf(progress: TrialProgress | null): number {
  if (!progress || progress.steps === 0) return 0;
  const share = progress.step / progress.steps;
  if (progress.phase === "prepare") return 4 * share;
  if (progress.phase === "interpolate") return 4;
  return progress.phase === "train" ? 4 + 86 * share : 90 + 10 * share;
}

function UnderWay({ run }: { run: RunSlice }) {
  const { waiting, total, progress, losses, etaSeconds, status } = run;
  const [current] = waiting;
  const number = Math.min(total, total - waiting.length + 1);
  const percent = percentOf(progress);
  const phase = progress ? phaseNames[progress.phase] : "Starting";
  const state = { paused: "Paused", cancelling: "Cancelling", running: phase, idle: "" }[status];
  const where = `Trial ${number} of ${total}`;
  const spoken = useThrottledValue(`${where}. ${state}, ${Math.round(percent)} percent`, 10_000);
  const loss =
    progress?.phase === "train" ? progress.loss.toFixed(3) : losses.at(-1)?.[1].toFixed(3);
  const perStep = progress?.phase === "train" ? progress.secondsPerStep : null;
  return (
    <Panel title={where} note={current ? trialName(current) : null}>
      <div className="column">
        <Facts
          facts={[
            { key: "phase", name: "Phase", value: state },
            {
              key: "step",
              name: "Step",
              value: progress
                ? `${formatCount(progress.step)} of ${formatCount(progress.steps)}`
                : "-",
            },
            { key: "loss", name: <Term name="loss" />, value: loss ?? "-" },
            { key: "speed", name: "Step time", value: perStep ? millis(perStep) : "-" },
            {
              key: "eta",
              name: "Time left, all trials",
              value: etaSeconds === null ? "measuring" : formatSeconds(etaSeconds),
            },
          ]}
        />
        <div className="column" style={{ gap: "0.5rem" }}>
          <Progress value={percent} aria-label="This trial" />
          <Progress
            value={(100 * (number - 1 + percent / 100)) / Math.max(1, total)}
            aria-label="All trials"
            size="xs"
          />
        </div>
        <LossCurve losses={losses} steps={current?.training.iterations ?? 1} />
        <span className="visuallyHidden" aria-live="polite">
          {spoken}
        </span>
      </div>
    </Panel>
  );
}

function millis(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
}

function WaitingList({ run }: { run: RunSlice }) {
  const rest = run.waiting.slice(1);
  return (
    <Panel title={`Waiting (${rest.length})`}>
      {rest.length === 0 ? (
        <p className="soft" style={{ margin: 0 }}>
          No trial waits.
        </p>
      ) : (
        <ol className="plainList waiting">
          {rest.slice(0, 200).map((trial) => (
            <li key={trial.id}>{trialName(trial)}</li>
          ))}
          {rest.length > 200 ? <li className="soft">and {rest.length - 200} more</li> : null}
        </ol>
      )}
    </Panel>
  );
}

function FailedList() {
  const results = useApp((state) => state.results);
  const failed = results.filter(({ status }) => status === "failed");
  return (
    <Panel title={`Failed (${failed.length})`}>
      {failed.length === 0 ? (
        <p className="soft" style={{ margin: 0 }}>
          No trial failed.
        </p>
      ) : (
        <ul className="plainList waiting">
          {failed.map((result) => (
            <li key={result.trial}>
              <Status kind="bad">
                {trialName(result)}: {result.error ?? "no reason given"}
              </Status>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
