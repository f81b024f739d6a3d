import { MantineProvider } from "@mantine/core";
import { startTransition, useCallback, useEffect, useRef, useState } from "react";
import { CohortPage } from "./features/cohort/CohortPage.tsx";
import { ExperimentPage } from "./features/experiment/ExperimentPage.tsx";
import { ResultsPage } from "./features/results/ResultsPage.tsx";
import { RunPage } from "./features/run/RunPage.tsx";
import { SlicesPage } from "./features/slices/SlicesPage.tsx";
import { type Page, PageProvider, useActions, useApp } from "./PageContext.tsx";
import { StepNav } from "./StepNav.tsx";
import { goToStep, type StepId, stepLabels, stepNotes, stepOfHash } from "./steps.ts";
import { isRunActive } from "./store/selectors.ts";
import { theme } from "./styles/theme.ts";
import { ColourSchemeSwitch } from "./ui/ColourSchemeSwitch.tsx";
import { ErrorBoundary } from "./ui/ErrorBoundary.tsx";
import { Icon } from "./ui/Icon.tsx";
import { Message } from "./ui/Message.tsx";
import { useFolderDrop } from "./useFolderDrop.ts";

/** The page: header, steps, the step that the address names. */
export function App({ page }: { page: Page }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <PageProvider page={page}>
        <Shell />
      </PageProvider>
    </MantineProvider>
  );
}

function Shell() {
  const step = useStep();
  const main = useRef<HTMLElement>(null);
  useTitle(step);
  useRunInView();
  return (
    <div className="shell">
      <header className="header">
        <button type="button" className="skipLink" onClick={() => main.current?.focus()}>
          Skip to the content
        </button>
        <a className="brand" href="#cohort">
          <Icon name="stack" />
          Slicewise
        </a>
        <p className="privacy">
          <Icon name="lock" />
          Files are read by this page only; nothing is uploaded
        </p>
        <ColourSchemeSwitch />
      </header>
      <div className="body">
        <StepNav current={step} />
        <main className="main" id={step} ref={main} tabIndex={-1}>
          <Notices />
          <ErrorBoundary key={step}>
            <StepPage step={step} />
          </ErrorBoundary>
        </main>
      </div>
      <footer className="footer">
        <p>
          For research, not for diagnosis. Design after Zhang, Kramer and Mazurowski, MIDL 2025,
          PMLR 301:1811-1831.
        </p>
      </footer>
      <DropVeil />
    </div>
  );
}

function StepPage({ step }: { step: StepId }) {
  if (step === "slices") return <SlicesPage />;
  if (step === "experiment") return <ExperimentPage />;
  if (step === "run") return <RunPage />;
  if (step === "results") return <ResultsPage />;
  return <CohortPage />;
}

/** The step in the address. */
function useStep(): StepId {
  const [step, setStep] = useState(() => stepOfHash(location.hash));
  useEffect(() => {
    const follow = () => {
      // In slices: a long table must not hold up the page while a trial trains.
      startTransition(() => setStep(stepOfHash(location.hash)));
      window.scrollTo(0, 0);
    };
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return step;
}

/** The run's progress stands in the tab's title, the step otherwise. */
function useTitle(step: StepId): void {
  const progress = useApp((state) =>
    state.run.status === "idle" ? null : stepNotes(state).run.note,
  );
  useEffect(() => {
    document.title = `${progress ?? stepLabels[step]} - Slicewise`;
  }, [progress, step]);
}

/** A run that begins, from whatever button, is shown. */
function useRunInView(): void {
  const isRunning = useApp(isRunActive);
  useEffect(() => {
    if (isRunning) goToStep("run");
  }, [isRunning]);
}

const noticeKinds = { error: "bad", info: "info", success: "good" } as const;

function Notices() {
  const notices = useApp((state) => state.notices);
  const { dismissNotice } = useActions();
  return notices.map(({ id, kind, text }) => (
    <Message key={id} kind={noticeKinds[kind]} onDismiss={() => dismissNotice(id)}>
      <p style={{ whiteSpace: "pre-line" }}>{text}</p>
    </Message>
  ));
}

function DropVeil() {
  const { addFiles, refuseFiles } = useActions();
  const onFiles = useCallback(
    (chosen: Parameters<Parameters<typeof useFolderDrop>[0]["onFiles"]>[0]) => {
      goToStep("cohort");
      void addFiles(chosen).then((what) => goToStep(what));
    },
    [addFiles],
  );
  const onError = useCallback((error: unknown) => refuseFiles(error), [refuseFiles]);
  const isOver = useFolderDrop({ onFiles, onError });
  return isOver ? <div className="dropVeil">Drop the folder to open it here</div> : null;
}
