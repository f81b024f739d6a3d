import { Button, NativeSelect, SegmentedControl } from "@mantine/core";
import type { Dispatch } from "react";
import { autoWindow, type Percentiles, type Window, windowPresets } from "#core/view/windows.ts";
import type { MaskLayer } from "./caseView.ts";
import type { RendererChoice, RendererState } from "./useStage.ts";
import { keyHelp } from "./useViewerKeys.ts";
import { type Tool, tools, type ViewChange, type ViewState } from "./viewState.ts";

interface ToolbarProps {
  readonly state: ViewState;
  readonly change: Dispatch<ViewChange>;
  readonly percentiles: Percentiles;
  readonly layers: readonly MaskLayer[];
  readonly renderer: RendererState;
  readonly onRenderer: (choice: RendererChoice) => void;
}

const toolLabels: Record<Tool, string> = {
  crosshair: "Crosshair",
  window: "Window",
  pan: "Pan",
  zoom: "Zoom",
};

/** How the slices are looked at. */
export function ViewerToolbar(props: ToolbarProps) {
  const { state, change, percentiles, renderer, onRenderer } = props;
  return (
    <div className="viewerToolbar">
      <SegmentedControl
        size="xs"
        aria-label="What dragging does"
        value={state.tool}
        data={tools.map((value) => ({ value, label: toolLabels[value] }))}
        onChange={(tool) => change({ type: "set", change: { tool: tool as Tool } })}
      />
      <WindowSelect state={state} change={change} percentiles={percentiles} />
      <Button size="xs" variant="default" onClick={() => change({ type: "fitted" })}>
        Fit
      </Button>
      <Button size="xs" variant="default" onClick={() => change({ type: "reset", percentiles })}>
        Reset
      </Button>
      <CompareChoice state={state} change={change} layers={props.layers} />
      <details className="more viewerHelp">
        <summary>Keys and drawing</summary>
        <dl>
          {keyHelp.map(([keys, what]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <NativeSelect
          size="xs"
          label="Slices are drawn by"
          value={renderer.choice}
          data={[
            { value: "auto", label: `what is fastest here (${rendererLabels[renderer.used]})` },
            { value: "webgl", label: rendererLabels.webgl },
            { value: "canvas", label: rendererLabels.canvas },
          ]}
          onChange={(event) => onRenderer(event.currentTarget.value as RendererChoice)}
        />
        {renderer.problem ? <p className="soft">WebGL cannot be used: {renderer.problem}</p> : null}
      </details>
    </div>
  );
}

const rendererLabels = { webgl: "WebGL", canvas: "the processor" } as const;

type WindowProps = Pick<ToolbarProps, "state" | "change" | "percentiles">;

function WindowSelect({ state, change, percentiles }: WindowProps) {
  const auto = autoWindow(percentiles);
  const presets = windowPresets(percentiles);
  const isSame = ({ lower, upper }: Window) =>
    lower === state.window.lower && upper === state.window.upper;
  const at = presets.findIndex(({ window }) => isSame(window));
  const value = isSame(auto) ? "0" : at >= 0 ? `${at + 1}` : "own";
  const { lower, upper } = state.window;
  return (
    <NativeSelect
      size="xs"
      aria-label="Window"
      value={value}
      data={[
        { value: "0", label: "Automatic window" },
        ...presets.map(({ name }, index) => ({
          value: `${index + 1}`,
          label: `${index + 1}: ${name}`,
        })),
        ...(value === "own" ? [{ value: "own", label: `${round(lower)} to ${round(upper)}` }] : []),
      ]}
      onChange={(event) => {
        const number = Number(event.currentTarget.value);
        if (Number.isNaN(number)) return;
        change({ type: "windowed", window: presets[number - 1]?.window ?? auto });
      }}
    />
  );
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function CompareChoice({
  state,
  change,
  layers,
}: Pick<ToolbarProps, "state" | "change" | "layers">) {
  const [first, second] = layers;
  if (!first || !second) return null;
  const { compared } = state;
  if (!compared) {
    return (
      <Button
        size="xs"
        variant="default"
        onClick={() => change({ type: "set", change: { compared: [first.key, second.key] } })}
      >
        Side by side
      </Button>
    );
  }
  const options = layers.map(({ key, name }) => ({ value: key, label: name }));
  const choose = (side: 0 | 1, key: string) => {
    const next: [string, string] = [...compared];
    next[side] = key;
    change({ type: "set", change: { compared: next } });
  };
  return (
    <>
      {([0, 1] as const).map((side) => (
        <NativeSelect
          key={side}
          size="xs"
          aria-label={side === 0 ? "Mask on the left" : "Mask on the right"}
          value={compared[side]}
          data={options}
          onChange={(event) => choose(side, event.currentTarget.value)}
        />
      ))}
      <Button
        size="xs"
        variant="default"
        onClick={() => change({ type: "set", change: { compared: null } })}
      >
        Three planes
      </Button>
    </>
  );
}
