import type { Ref } from "react";
import { seriesStyle } from "../ui/seriesStyle.ts";
import type { ChosenSlices } from "./caseView.ts";

interface SliceSliderProps {
  readonly ref: Ref<HTMLInputElement>;
  readonly name: string;
  /** Slice and place in words. */
  readonly text: string;
  readonly slice: number;
  readonly count: number;
  readonly chosen: readonly ChosenSlices[];
  readonly onFocus: () => void;
  readonly onSlice: (slice: number) => void;
}

/** The slices of a plane on a slider; chosen ones are ticks under it. */
export function SliceSlider(props: SliceSliderProps) {
  const { ref, name, text, slice, count, chosen, onFocus, onSlice } = props;
  return (
    <div className="sliceSlider">
      <input
        ref={ref}
        type="range"
        min={0}
        max={count - 1}
        step={1}
        value={slice}
        aria-label={name}
        aria-valuetext={text}
        onFocus={onFocus}
        onChange={(event) => onSlice(Number(event.currentTarget.value))}
      />
      {chosen.map((one) => (
        <div key={one.key} className="ticks" aria-hidden="true">
          {one.slices.map((at) => (
            <span
              key={at}
              className="tick"
              data-testid="slice-tick"
              data-strategy={one.key}
              data-slice={at}
              style={{
                // As the slider's own button moves: its middle never reaches the ends.
                left: `calc(var(--thumb) / 2 + (100% - var(--thumb)) * ${at / Math.max(1, count - 1)})`,
                background: seriesStyle(one.look).colour,
              }}
            />
          ))}
        </div>
      ))}
    </div>
  );
}
