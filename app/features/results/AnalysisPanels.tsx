import { useMemo } from "react";
import type { TrialResult } from "#core/results/result.ts";
import { useApp } from "../../PageContext.tsx";
import { FindingsPanel } from "./FindingsPanel.tsx";
import { PlanPanel } from "./PlanPanel.tsx";
import { useAnalysis } from "./useAnalysis.ts";

/** What results say, and what a budget is best spent on in their light. */
export function AnalysisPanels({ results }: { results: readonly TrialResult[] }) {
  const { analysis, isCurrent } = useAnalysis(results);
  const cohort = useApp((state) => state.cohort);
  const pool = useMemo(() => {
    const spacings = (cohort?.cases ?? []).flatMap(({ spacing }) => spacing?.[0] ?? []);
    const spacingMm = spacings.sort((a, b) => a - b)[Math.floor(spacings.length / 2)];
    return analysis?.pool ? { ...analysis.pool, ...(spacingMm ? { spacingMm } : {}) } : null;
  }, [analysis, cohort]);
  return (
    <>
      <FindingsPanel analysis={analysis} isCurrent={isCurrent} />
      {analysis && pool ? <PlanPanel analysis={analysis} pool={pool} /> : null}
    </>
  );
}
