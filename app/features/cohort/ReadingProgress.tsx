import { Progress } from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";
import type { CohortSlice } from "../../store/state.ts";

/** How far reading is; spoken at most every two seconds. */
export function ReadingProgress({ reading }: { reading: NonNullable<CohortSlice["reading"]> }) {
  const { done, total, caseId } = reading;
  const words =
    total === 0 ? "Pairing images and masks" : `Reading case ${done} of ${total}: ${caseId}`;
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
