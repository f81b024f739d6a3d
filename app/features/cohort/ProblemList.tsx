import type { Problem } from "#core/cohort/cohort.ts";
import { formatPlural } from "../../ui/format.ts";
import { Message } from "../../ui/Message.tsx";
import { refText } from "./caseRefs.ts";

const SHOWN = 20;

interface ProblemListProps {
  readonly problems: readonly Problem[];
  readonly places: Readonly<Record<string, string>>;
}

/** Problems of files that belong to no case, or of the cohort as a whole. */
export function ProblemList({ problems, places }: ProblemListProps) {
  const groups = (["error", "warning"] as const)
    .map((severity) => ({ severity, some: problems.filter((one) => one.severity === severity) }))
    .filter(({ some }) => some.length > 0);
  return groups.map(({ severity, some }) => (
    <Message key={severity} kind={severity === "error" ? "bad" : "warn"}>
      <p>
        <strong>
          {severity === "error"
            ? `${formatPlural(some.length, "problem")} with the cohort. The rest is loaded.`
            : `${formatPlural(some.length, "thing")} to look at in the cohort`}
        </strong>
      </p>
      <ul>
        {some.slice(0, SHOWN).map(({ message, paths }) => (
          <li key={`${message} ${paths.join()}`}>
            {message} <ProblemPaths paths={paths.map((path) => refText(path, places))} />
          </li>
        ))}
        {some.length > SHOWN ? <li>and {some.length - SHOWN} more</li> : null}
      </ul>
    </Message>
  ));
}

function ProblemPaths({ paths }: { paths: readonly string[] }) {
  if (paths.length === 0) return null;
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return (
    <span className="messagePaths mono">
      {paths.slice(0, 3).join(", ")}
      {more}
    </span>
  );
}
