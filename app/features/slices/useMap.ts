import { useEffect, useState } from "react";
import type { Jobs } from "#workers/protocol.ts";
import { useActions } from "../../PageContext.tsx";
import type { Question } from "./question.ts";

export type MapMethod = Jobs["mapSlices"]["input"]["method"];

interface Mapped {
  readonly places: Float32Array | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly problem: string | null;
}

/** Places of all slices a question is about; worked out again when volumes or method change. */
export function useMap({ source, seed }: Question, method: MapMethod): Mapped {
  const { mapSlices } = useActions();
  const [mapped, setMapped] = useState<Mapped>({ places: null, progress: null, problem: null });
  const key = JSON.stringify([source, seed, method]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content decides
  useEffect(() => {
    const stop = new AbortController();
    const ask = async () => {
      const loaded = await mapSlices({ source, method, seed }, stop.signal, (progress) => {
        if (!stop.signal.aborted) setMapped((before) => ({ ...before, progress }));
      });
      if (!loaded || stop.signal.aborted) return;
      const places = loaded.value?.places ?? null;
      setMapped({ places, progress: null, problem: loaded.problem });
    };
    void ask();
    return () => stop.abort();
  }, [key, mapSlices]);
  return mapped;
}
