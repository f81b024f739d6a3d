import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useState } from "react";
import type { CaseImage } from "#core/view/maskSource.ts";
import { bestRenderer, createStage } from "./createStage.ts";
import type { Renderer, Stage } from "./stage.ts";

/** What the user chose to draw with. */
export type RendererChoice = Renderer | "auto";

/** What draws: chosen, and in use. */
export interface RendererState {
  readonly choice: RendererChoice;
  readonly used: Renderer;
  /** Why it is not the chosen one; null when it is. */
  readonly problem: string | null;
}

/** The stage of an image; null until it is ready. It falls back to the processor by itself. */
export function useStage(
  image: CaseImage,
): [Stage | null, RendererState, (choice: RendererChoice) => void] {
  const [choice, setChoice] = useLocalStorage<RendererChoice>({
    key: "slicewise.renderer",
    defaultValue: "auto",
    getInitialValueInEffect: false,
  });
  const [best] = useState(bestRenderer);
  const wanted = choice === "webgl" || choice === "canvas" ? choice : best;
  const [problem, setProblem] = useState<string | null>(null);
  const used = problem ? "canvas" : wanted;
  const [stage, setStage] = useState<Stage | null>(null);
  useEffect(() => {
    let current: Stage | null = null;
    let isGone = false;
    createStage(used, image).then(
      (made) => {
        if (isGone) made.dispose();
        else {
          current = made;
          setStage(made);
        }
      },
      (error: unknown) => {
        if (!isGone) setProblem(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      isGone = true;
      setStage(null);
      current?.dispose();
    };
  }, [used, image]);
  const choose = (next: RendererChoice) => {
    setProblem(null);
    setChoice(next);
  };
  return [stage, { choice, used, problem }, choose];
}
