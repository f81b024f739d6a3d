import type { Dispatch, KeyboardEvent } from "react";
import { nextChosen, unionOf } from "#core/view/chosenSlices.ts";
import type { CaseImage } from "#core/view/maskSource.ts";
import { planeAcross } from "#core/view/planes.ts";
import { autoWindow } from "#core/view/windows.ts";
import type { ChosenSlices } from "./caseView.ts";
import { presetWindow, type ViewChange, type ViewState, zoomed } from "./viewState.ts";

/** Keys as the help lists them. */
export const keyHelp = [
  ["Arrows, wheel", "previous and next slice"],
  ["Page up, page down", "ten slices"],
  ["[ and ]", "previous and next chosen slice"],
  ["1 to 5", "window presets; 0 automatic"],
  ["w, z, p, x", "drag sets window, zooms, pans, moves the crosshair"],
  ["c", "crosshair on and off"],
  ["o", "masks on and off"],
  ["+ and -, Ctrl wheel", "zoom"],
  ["= ", "fit"],
  ["r", "reset"],
] as const;

interface KeyOptions {
  readonly state: ViewState;
  readonly change: Dispatch<ViewChange>;
  readonly image: CaseImage;
  readonly chosen: readonly ChosenSlices[];
}

/** What the keys do while anything inside the viewer has the focus. */
export function useViewerKeys(options: KeyOptions) {
  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const change = changeOf(event, options);
    if (!change) return;
    event.preventDefault();
    options.change(change);
  };
}

function changeOf(event: KeyboardEvent, options: KeyOptions): ViewChange | null {
  const { state, image } = options;
  const { key } = event;
  const set = (change: Extract<ViewChange, { type: "set" }>["change"]): ViewChange => ({
    type: "set",
    change,
  });
  if (key === "[" || key === "]") return jump(options, key === "]" ? 1 : -1);
  if (/^[0-5]$/.test(key)) {
    const window = key === "0" ? null : presetWindow(image.percentiles, Number(key));
    return { type: "windowed", window: window ?? autoWindow(image.percentiles) };
  }
  const camera = state.cameras[state.plane];
  const look = (factor: number): ViewChange => ({
    type: "looked",
    plane: state.plane,
    camera: zoomed(camera, factor),
  });
  const simple: Record<string, () => ViewChange> = {
    w: () => set({ tool: "window" }),
    z: () => set({ tool: "zoom" }),
    p: () => set({ tool: "pan" }),
    x: () => set({ tool: "crosshair" }),
    c: () => set({ showsCrosshair: !state.showsCrosshair }),
    o: () => set({ showsMasks: !state.showsMasks }),
    "+": () => look(1.25),
    "-": () => look(0.8),
    "=": () => ({ type: "fitted" }),
    r: () => ({ type: "reset", percentiles: image.percentiles }),
  };
  return simple[key]?.() ?? scroll(event, options);
}

/** Slices that a key moves by; sliders handle their own. */
const steps: Record<string, number> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 10,
  PageDown: -10,
};

function scroll({ key, target }: KeyboardEvent, { state }: KeyOptions): ViewChange | null {
  const step = steps[key];
  const isOwn = target instanceof HTMLElement && target.matches("input, select, [role=radio]");
  const isPage = key.startsWith("Page");
  if (step === undefined || (isOwn && !isPage)) return null;
  return { type: "stepped", plane: state.plane, slices: step };
}

function jump({ state, image, chosen }: KeyOptions, direction: 1 | -1): ViewChange {
  const { plane } = planeAcross(image.grid.affine, 0);
  const all = unionOf(chosen.map(({ slices }) => slices));
  return { type: "scrolled", plane, slice: nextChosen(all, state.at[0], direction) };
}

/** Whether keys are letters of a text. */
function isTyping(target: EventTarget): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches("textarea, select, input:not([type=range], [type=checkbox], [type=radio])");
}
