import { Progress } from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";
import type { CohortSlice } from "../../store/state.ts";

/** How far reading is; spoken at most every two seconds. */
export function ReadingProgress({ reading }: { reading: NonNullable<CohortSlice["reading"]> }) {
  const { done, total, caseId, looking } = reading;
  const words = wordsOf(done, total, looking ? null : caseId);
  const spoken = useThrottledValue(words, 2000);
  const percent = total === 0 ? 0 : (100 * done) / total;
  return (
    <section className="panel" aria-label="Reading the cohort">
      <p style={{ margin: "0 0 0.5rem" }} className="number">
        {words}
      </p>
      <Progress value={percent} aria-label="Cases read" animated={total === 0} />
      <span className="visuallyHidden" aria-live="polite">
        {spoken}
      </span>
    </section>
  );
}

/** @param caseId - null: DICOM files are looked at, before anything is read */
function wordsOf(done: number, total: number, caseId: string | null): string {
  if (total === 0) return "Pairing images and masks";
  if (caseId === null) return `Looking at file ${done} of ${total}`;
  return `Reading case ${done} of ${total}: ${caseId}`;
}
