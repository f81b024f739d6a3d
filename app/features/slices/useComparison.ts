import { useEffect, useState } from "react";
import type { Jobs } from "#workers/protocol.ts";
import { useActions } from "../../PageContext.tsx";
import type { Question } from "./question.ts";

/** Which slices each strategy picks, and the question that was answered. */
export interface Comparison {
  readonly question: Question;
  readonly volumes: Jobs["compareSelections"]["output"]["volumes"];
  readonly selected: Jobs["compareSelections"]["output"]["selected"];
}

interface Asked {
  readonly comparison: Comparison | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly problem: string | null;
}

/** Typing a number must not ask at every digit. */
const PATIENCE_MS = 250;

/** The answer to a question, worked out again when it changes; the last one stays until then. */
export function useComparison(question: Question | null): Asked {
  const { compareSelections } = useActions();
  const [asked, setAsked] = useState<Asked>({ comparison: null, progress: null, problem: null });
  const key = JSON.stringify(question);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the question's content decides
  useEffect(() => {
    if (!question) return;
    const stop = new AbortController();
    const ask = async () => {
      const loaded = await compareSelections(question, stop.signal, (progress) => {
        if (!stop.signal.aborted) setAsked((before) => ({ ...before, progress }));
      });
      if (!loaded || stop.signal.aborted) return;
      const comparison = loaded.value && { question, ...loaded.value };
      setAsked({ comparison, progress: null, problem: loaded.problem });
    };
    const timer = setTimeout(() => void ask(), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key, compareSelections]);
  return asked;
}
