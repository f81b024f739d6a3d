import type { ReactNode } from "react";
import type { MaskSource } from "#core/view/maskSource.ts";

/** How the values of a mask are drawn. */
export type LayerLook =
  /** One colour, by its place in `layerColours`. */
  | { readonly kind: "mask"; readonly colour: number }
  /** Every label in a colour of its own. */
  | { readonly kind: "labels" }
  /** Where two masks agree and differ. */
  | { readonly kind: "difference"; readonly first: string; readonly second: string }
  /** 0 to 255, from unsure to sure. */
  | { readonly kind: "heat" };

/** A mask that can be laid over a case. */
export interface MaskLayer {
  /** Unique among the layers. */
  readonly key: string;
  /** As the legend names it; it may come from a file and is shown as text. */
  readonly name: string;
  readonly source: MaskSource;
  readonly look: LayerLook;
  /** Whether it is off until somebody turns it on. */
  readonly isOff?: boolean;
}

/** Slices of a case that a strategy, or a person, chose. */
export interface ChosenSlices {
  readonly key: string;
  readonly name: string;
  /** Depth indices, ascending. */
  readonly slices: readonly number[];
  /** Index of its colour, dash and marker, as `seriesStyle` gives them. */
  readonly look: number;
}

/** What the viewer shows. Plain data, so that any page can host it. */
export interface CaseViewProps {
  readonly cohortId: string;
  readonly caseId: string;
  readonly layers: readonly MaskLayer[];
  readonly chosen?: readonly ChosenSlices[];
  /** Names of labels, e.g. of `dataset.json`. */
  readonly labelNames?: Readonly<Record<number, string>>;
  /** Depth index to show; a new value moves there. The first chosen or middle one otherwise. */
  readonly slice?: number;
  readonly onSlice?: (slice: number) => void;
  /** Buttons of the host for the slice in sight, e.g. to choose or remove it. */
  readonly sliceControls?: (slice: number) => ReactNode;
}
