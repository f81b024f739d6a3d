import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useDeferredValue, useMemo } from "react";
import { curveOf } from "#core/evaluation/curve.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { downloadFile } from "../../ui/downloadFile.ts";
import { ErrorBoundary } from "../../ui/ErrorBoundary.tsx";
import { formatPlural } from "../../ui/format.ts";
import { Message } from "../../ui/Message.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { SeriesMark } from "../../ui/SeriesMark.tsx";
import { Term } from "../../ui/Term.tsx";
import { CurveTable } from "./CurveTable.tsx";
import { type NamedLine, namedLines } from "./lineLooks.ts";
import { TrialsTable } from "./TrialsTable.tsx";

const BudgetChart = lazy(() =>
  import("./BudgetChart.tsx").then((module) => ({ default: module.BudgetChart })),
);

const AnalysisPanels = lazy(() =>
  import("./AnalysisPanels.tsx").then((module) => ({ default: module.AnalysisPanels })),
);

/** Step 4: what each budget bought. */
export function ResultsPage() {
  // Drawn in small steps that let the page answer between them: trials end while others train.
  const results = useDeferredValue(useApp((state) => state.results));
  const definition = useApp((state) => state.definition);
  const experiment = definition?.experiment ?? null;
  const unstored = useApp((state) => state.unstored.length);
  const followed = useApp((state) => state.followed);
  const { stopFollowing } = useActions();
  const lines = useMemo(() => namedLines(curveOf(results), experiment), [results, experiment]);
  const failed = results.filter(({ status }) => status === "failed").length;
  return (
    <>
      <PageHead title="Results" aside={<ExportButtons disabled={results.length === 0} />}>
        {results.length === 0
          ? "Each finished trial appears here at once and stays in this browser."
          : `${formatPlural(results.length, "finished trial")}${experiment ? ` of “${experiment.name}”` : ""}${followed === null ? ", kept in this browser" : ""}.`}
      </PageHead>
      {followed === null ? null : (
        <Message kind="info">
          <p>
            Follows “{followed}”: the chart grows as its files do.{" "}
            <Button size="xs" variant="default" onClick={stopFollowing}>
              Stop following
            </Button>
          </p>
        </Message>
      )}
      {unstored > 0 ? (
        <Message kind="bad">
          {formatPlural(unstored, "result")} could not be stored in this browser: export before you
          close the page, or free some space and continue the run.
        </Message>
      ) : null}
      {failed > 0 ? (
        <Message kind="warn">
          {formatPlural(failed, "trial")} failed and {failed === 1 ? "is" : "are"} not on the chart;
          the table below says why.
        </Message>
      ) : null}
      <Panel
        title="IoU versus budget"
        note={
          <>
            Mean <Term name="iou" /> of the test cases over the <Term name="budget">budget</Term>.
            Bars show the <Term name="spread">spread</Term> over repeats. One line per{" "}
            <Term name="volumeFraction">volume fraction</Term>, along which the{" "}
            <Term name="density">density</Term> grows.
          </>
        }
      >
        {lines.length === 0 ? (
          <p className="soft">No point yet: the chart starts with the first finished trial.</p>
        ) : (
          <>
            <Legend lines={lines} />
            <ErrorBoundary>
              <Suspense fallback={<div style={{ minHeight: 360 }}>Loading the chart</div>}>
                <BudgetChart lines={lines} />
              </Suspense>
            </ErrorBoundary>
          </>
        )}
        <div style={{ marginTop: "0.75rem" }}>
          <CurveTable lines={lines} />
        </div>
      </Panel>
      {lines.length > 0 ? (
        <ErrorBoundary>
          <Suspense fallback={null}>
            <AnalysisPanels results={results} />
          </Suspense>
        </ErrorBoundary>
      ) : null}
      <Panel title="Trials">
        <TrialsTable results={results} definition={definition} />
      </Panel>
    </>
  );
}

function Legend({ lines }: { lines: readonly NamedLine[] }) {
  return (
    <ul className="legend" aria-label="Lines of the chart">
      {lines.map(({ key, label, look }) => (
        <li key={key}>
          <SeriesMark look={look} />
          {label}
        </li>
      ))}
    </ul>
  );
}

function ExportButtons({ disabled }: { disabled: boolean }) {
  const { exportResultsJson, exportResultsCsv } = useActions();
  const save = async (make: typeof exportResultsJson) => {
    const file = await make();
    if (file) downloadFile(file);
  };
  return (
    <Group gap="xs">
      <Button
        variant="default"
        size="xs"
        disabled={disabled}
        onClick={() => void save(exportResultsJson)}
      >
        Export JSON
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={disabled}
        onClick={() => void save(exportResultsCsv)}
      >
        Export CSV
      </Button>
    </Group>
  );
}
