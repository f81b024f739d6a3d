import { type CaseImage, sourceKey } from "#core/view/maskSource.ts";
import { worldOf } from "#core/volume/grid.ts";
import { Facts } from "../ui/Facts.tsx";
import type { ChosenSlices, MaskLayer } from "./caseView.ts";
import { valueText } from "./layerLooks.ts";
import type { Masks } from "./useMasks.ts";
import type { ViewState } from "./viewState.ts";

interface ReadoutProps {
  readonly state: ViewState;
  readonly image: CaseImage;
  readonly layers: readonly MaskLayer[];
  readonly masks: Masks;
  readonly chosen: readonly ChosenSlices[];
  readonly labelNames: Readonly<Record<number, string>>;
}

/** What lies under the crosshair, in words and numbers: nothing depends on colours alone. */
export function Readout({ state, image, layers, masks, chosen, labelNames }: ReadoutProps) {
  const { grid, voxels } = image;
  const [depth, height, width] = state.at;
  const [right, anterior, superior] = worldOf(grid.affine, depth, height, width);
  const place = (depth * grid.shape[1] + height) * grid.shape[2] + width;
  const value = voxels[place] ?? 0;
  const by = chosen.filter(({ slices }) => slices.includes(depth)).map(({ name }) => name);
  const facts = [
    { key: "voxel", name: "Voxel d, h, w", value: `${depth}, ${height}, ${width}` },
    {
      key: "world",
      name: "R, A, S mm",
      value: [right, anterior, superior].map((mm) => mm.toFixed(1)).join(", "),
    },
    { key: "value", name: "Intensity", value: `${Number(value.toPrecision(6))}` },
    ...(chosen.length > 0
      ? [{ key: "chosen", name: "Slice chosen by", value: by.join(", ") || "none" }]
      : []),
    ...layers.flatMap(({ key, name, source, look }) => {
      const mask = masks.get(sourceKey(source));
      if (mask?.status !== "ready") return [];
      const { voxels: values, labels } = mask.value;
      return [{ key, name, value: valueText(look, values[place] ?? 0, labels, labelNames) }];
    }),
  ];
  return (
    <div className="readout" data-testid="readout">
      <Facts facts={facts} />
    </div>
  );
}
