import { Checkbox } from "@mantine/core";
import type { Dispatch } from "react";
import { sourceKey } from "#core/view/maskSource.ts";
import { SeriesMark } from "../ui/SeriesMark.tsx";
import { seriesStyle } from "../ui/seriesStyle.ts";
import type { ChosenSlices, MaskLayer } from "./caseView.ts";
import { legendOf, swatchOf } from "./layerLooks.ts";
import { isShown } from "./shownLayers.ts";
import type { Masks } from "./useMasks.ts";
import type { ViewChange, ViewState } from "./viewState.ts";

interface LayerPanelProps {
  readonly layers: readonly MaskLayer[];
  readonly masks: Masks;
  readonly chosen: readonly ChosenSlices[];
  readonly labelNames: Readonly<Record<number, string>>;
  readonly state: ViewState;
  readonly change: Dispatch<ViewChange>;
}

/** Legend and switches of the masks; legend of chosen slices. */
export function LayerPanel(props: LayerPanelProps) {
  const { layers, masks, chosen, labelNames, state, change } = props;
  return (
    <div className="layerPanel">
      {layers.length > 0 ? (
        <fieldset className="layerList">
          <legend>Masks</legend>
          {layers.map((layer) => {
            const mask = masks.get(sourceKey(layer.source));
            const labels = mask?.status === "ready" ? mask.value.labels : [];
            const isOn = state.showsMasks && isShown(state, layer);
            return (
              <div key={layer.key} data-layer={layer.key}>
                <Checkbox
                  size="xs"
                  checked={isOn}
                  label={
                    <span className="layerName">
                      <Swatch paint={swatchOf(layer.look)} />
                      {layer.name}
                      {mask?.status === "loading" ? " (loading)" : ""}
                    </span>
                  }
                  onChange={(event) => {
                    const next = event.currentTarget.checked;
                    if (next) change({ type: "set", change: { showsMasks: true } });
                    change({ type: "switched", key: layer.key, isOn: next });
                  }}
                />
                <ul className="layerLegend" aria-label={`Colours of ${layer.name}`}>
                  {legendOf(layer.look, labels, labelNames).map(({ name, paint }) => (
                    <li key={name}>
                      <Swatch paint={paint} />
                      {name}
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
          <label className="opacity">
            Opacity
            <input
              type="range"
              min={0}
              max={100}
              step={5}
              value={Math.round(state.opacity * 100)}
              aria-valuetext={`${Math.round(state.opacity * 100)} %`}
              onChange={(event) =>
                change({
                  type: "set",
                  change: { opacity: Number(event.currentTarget.value) / 100 },
                })
              }
            />
          </label>
        </fieldset>
      ) : null}
      {chosen.length > 0 ? (
        <ul className="layerLegend" aria-label="Chosen slices">
          {chosen.map(({ key, name, look, slices }) => (
            <li key={key}>
              <SeriesMark look={seriesStyle(look)} />
              {name}, {slices.length} {slices.length === 1 ? "slice" : "slices"}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Swatch({ paint }: { paint: string }) {
  return <span className="swatch" style={{ background: paint }} aria-hidden="true" />;
}
