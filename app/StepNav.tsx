import { useApp } from "./PageContext.tsx";
import { type StepId, stepIds, stepLabels, stepNotes } from "./steps.ts";

/** The steps of the workflow; each says what it holds or what is missing. */
export function StepNav({ current }: { current: StepId }) {
  return (
    <nav className="steps" aria-label="Steps">
      <ol>
        {stepIds.map((id, index) => (
          <li key={id}>
            <StepLink id={id} number={index + 1} isCurrent={id === current} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

function StepLink({ id, number, isCurrent }: { id: StepId; number: number; isCurrent: boolean }) {
  const note = useApp((state) => stepNotes(state)[id].note);
  const isDone = useApp((state) => stepNotes(state)[id].isDone);
  return (
    <a
      className="step"
      href={`#${id}`}
      data-status={isDone ? "done" : "open"}
      aria-current={isCurrent ? "step" : undefined}
    >
      <span className="stepMark" aria-hidden="true">
        {isDone && !isCurrent ? "✓" : number}
      </span>
      <span className="stepLabel">{stepLabels[id]}</span>
      <span className="stepNote">{note}</span>
    </a>
  );
}
