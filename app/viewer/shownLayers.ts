import { sourceKey } from "#core/view/maskSource.ts";
import type { MaskLayer } from "./caseView.ts";
import { type ColourTable, colourTable } from "./layerLooks.ts";
import type { DrawnLayer } from "./stage.ts";
import type { Masks } from "./useMasks.ts";
import type { ViewState } from "./viewState.ts";

/** Whether a layer is turned on. */
export function isShown({ switched }: ViewState, { key, isOff = false }: MaskLayer): boolean {
  return switched[key] ?? !isOff;
}

const tables = new Map<string, ColourTable>();

/** The colours of a look, the same array each time. */
function tableOf(look: MaskLayer["look"]): ColourTable {
  const key = JSON.stringify(look);
  const table = tables.get(key) ?? colourTable(look);
  tables.set(key, table);
  return table;
}

/** Values of masks that are classes: an experiment has at most 16. */
const MOST_CLASSES = 16;

function lastValue({ kind }: MaskLayer["look"], labels: readonly number[]): number {
  if (kind === "heat") return 255;
  return kind === "labels" ? Math.max(1, labels.length) : MOST_CLASSES;
}

/**
 * Layers to draw in a pane, those that are loaded.
 *
 * @param only - key of the one layer of a pane that is compared with another; null for all
 */
export function shownLayers(
  state: ViewState,
  layers: readonly MaskLayer[],
  masks: Masks,
  only: string | null,
): readonly DrawnLayer[] {
  if (!state.showsMasks) return [];
  const isWanted = (layer: MaskLayer) =>
    only === null ? isShown(state, layer) : layer.key === only;
  return layers.filter(isWanted).flatMap(({ source, look }) => {
    const loading = masks.get(sourceKey(source));
    return loading?.status === "ready"
      ? [
          {
            mask: loading.value,
            table: tableOf(look),
            last: lastValue(look, loading.value.labels),
            opacity: state.opacity,
          },
        ]
      : [];
  });
}
