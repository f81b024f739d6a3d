import { startTransition, useEffect, useRef, useState } from "react";
import type { Analysis } from "#core/analysis/analyse.ts";
import type { TrialResult } from "#core/results/result.ts";
import { useActions } from "../../PageContext.tsx";

/** The analysis at hand, and whether it is that of the results shown. */
export interface AnalysisInView {
  readonly analysis: Analysis | null;
  readonly isCurrent: boolean;
}

/**
 * The analysis of results. One is worked out at a time: of results that came meanwhile the
 * newest are next, and the last analysis stays in view until then.
 */
export function useAnalysis(results: readonly TrialResult[]): AnalysisInView {
  const actions = useActions();
  const [shown, setShown] = useState<{
    readonly results: readonly TrialResult[];
    readonly analysis: Analysis | null;
  } | null>(null);
  const newest = useRef<readonly TrialResult[] | null>(null);
  const isBusy = useRef(false);
  useEffect(() => {
    newest.current = results;
    const workOff = async () => {
      let last: readonly TrialResult[] | null = null;
      while (newest.current !== null && newest.current !== last) {
        const these: readonly TrialResult[] = newest.current;
        const analysis = await actions.analyseResults(these);
        last = these;
        startTransition(() => setShown({ results: these, analysis }));
      }
      isBusy.current = false;
    };
    if (!isBusy.current) {
      isBusy.current = true;
      void workOff();
    }
  }, [results, actions]);
  useEffect(
    () => () => {
      newest.current = null;
    },
    [],
  );
  return { analysis: shown?.analysis ?? null, isCurrent: shown?.results === results };
}
