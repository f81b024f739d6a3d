import { useEffect, useRef, useState } from "react";
import { type MaskVoxels, sourceKey } from "#core/view/maskSource.ts";
import { useActions } from "../PageContext.tsx";
import type { MaskLayer } from "./caseView.ts";
import { type Loading, loadingOf } from "./useCaseImage.ts";

/** Masks by the key of their source. */
export type Masks = ReadonlyMap<string, Loading<MaskVoxels>>;

/**
 * Loads the masks of these layers, each once; masks of layers that are gone are let go.
 *
 * @param wanted - layers to load now: those that are seen
 */
export function useMasks(
  cohortId: string,
  caseId: string,
  layers: readonly MaskLayer[],
  wanted: readonly MaskLayer[],
): Masks {
  const { viewMask } = useActions();
  const [masks, setMasks] = useState<Masks>(new Map());
  const asked = useRef(new Map<string, AbortController>());
  const known = JSON.stringify(layers.map(({ source }) => sourceKey(source)));
  const missing = JSON.stringify(wanted.map(({ source }) => source));

  useEffect(() => {
    const keys = new Set(JSON.parse(known) as string[]);
    for (const [key, stop] of asked.current) {
      if (keys.has(key)) continue;
      stop.abort();
      asked.current.delete(key);
    }
    setMasks((now) => new Map([...now].filter(([key]) => keys.has(key))));
  }, [known]);

  useEffect(() => {
    for (const source of JSON.parse(missing) as MaskLayer["source"][]) {
      const key = sourceKey(source);
      if (asked.current.has(key)) continue;
      const stop = new AbortController();
      asked.current.set(key, stop);
      setMasks((now) => new Map(now).set(key, { status: "loading" }));
      void viewMask({ cohortId, caseId, source }, stop.signal).then((loaded) => {
        if (!loaded || stop.signal.aborted) return;
        setMasks((now) => new Map(now).set(key, loadingOf(loaded)));
      });
    }
  }, [viewMask, cohortId, caseId, missing]);

  useEffect(() => {
    const all = asked.current;
    return () => {
      for (const stop of all.values()) stop.abort();
      all.clear();
    };
  }, []);
  return masks;
}
