import { useEffect, useState } from "react";
import type { CaseImage } from "#core/view/maskSource.ts";
import { useActions } from "../PageContext.tsx";

/** Something that is loaded: here, on its way, or not to be had. */
export type Loading<T> =
  | { readonly status: "loading" }
  | { readonly status: "ready"; readonly value: T }
  | { readonly status: "failed"; readonly problem: string };

/** The image of a stored case. */
export function useCaseImage(cohortId: string, caseId: string): Loading<CaseImage> {
  const { viewCase } = useActions();
  const [shown, setShown] = useState<{ key: string; loading: Loading<CaseImage> } | null>(null);
  const key = JSON.stringify([cohortId, caseId]);
  useEffect(() => {
    const stop = new AbortController();
    void viewCase({ cohortId, caseId }, stop.signal).then((loaded) => {
      if (loaded && !stop.signal.aborted) setShown({ key, loading: loadingOf(loaded) });
    });
    return () => stop.abort();
  }, [viewCase, cohortId, caseId, key]);
  return shown?.key === key ? shown.loading : { status: "loading" };
}

export function loadingOf<T>(
  loaded:
    | { readonly value: T; readonly problem: null }
    | { readonly value: null; readonly problem: string },
): Loading<T> {
  return loaded.problem === null
    ? { status: "ready", value: loaded.value }
    : { status: "failed", problem: loaded.problem };
}
