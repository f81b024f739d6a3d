import { DIFFERENCE } from "#core/view/maskDifference.ts";
import type { LayerLook } from "./caseView.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours of masks: bright on grey, told apart by people who see few colours (Okabe and Ito). */
export const layerColours: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [204, 121, 167],
  [0, 186, 140],
  [240, 228, 66],
  [213, 94, 0],
  [110, 150, 255],
];

const difference = {
  both: [0, 186, 140],
  onlyFirst: [230, 159, 0],
  onlySecond: [86, 180, 233],
} as {
  readonly [key in keyof typeof DIFFERENCE]: Rgb;
};

/** Red, green, blue, alpha (0 to 255) of each of the 256 values of a mask. */
export type ColourTable = Uint8ClampedArray;

/** Colours of a look; 0 is always clear. */
export function colourTable(look: LayerLook): ColourTable {
  const table = new Uint8ClampedArray(256 * 4);
  for (let value = 1; value < 256; value++) {
    table.set([...colourOf(look, value), 255], value * 4);
  }
  return table;
}

function colourOf(look: LayerLook, value: number): Rgb {
  if (look.kind === "mask") return colourAt(look.colour);
  if (look.kind === "labels") return colourAt(value - 1);
  if (look.kind === "heat") return heat(value / 255);
  if (value === DIFFERENCE.both) return difference.both;
  return value === DIFFERENCE.onlyFirst ? difference.onlyFirst : difference.onlySecond;
}

function colourAt(index: number): Rgb {
  return layerColours[index % layerColours.length] as Rgb;
}

/** From red (unsure) over yellow to blue (sure); lightness differs too. */
function heat(share: number): Rgb {
  const stops: readonly Rgb[] = [
    [190, 20, 40],
    [245, 130, 50],
    [250, 225, 110],
    [130, 190, 230],
    [40, 80, 190],
  ];
  const at = share * (stops.length - 1);
  const low = stops[Math.floor(at)] as Rgb;
  const high = stops[Math.ceil(at)] as Rgb;
  const part = at - Math.floor(at);
  const mix = (channel: 0 | 1 | 2) => low[channel] + (high[channel] - low[channel]) * part;
  return [mix(0), mix(1), mix(2)];
}

/** One line of a legend. */
export interface LegendEntry {
  readonly name: string;
  /** CSS colour, or gradient. */
  readonly paint: string;
}

/**
 * What the colours of a layer mean.
 *
 * @param labels - of the values 1, 2, .. of a mask that keeps labels apart
 */
export function legendOf(
  look: LayerLook,
  labels: readonly number[],
  labelNames: Readonly<Record<number, string>>,
): readonly LegendEntry[] {
  const entry = (name: string, value: number) => ({ name, paint: css(colourOf(look, value)) });
  if (look.kind === "labels") {
    return labels.map((label, index) => {
      const name = labelNames[label];
      return entry(name ? `${label} ${name}` : `${label}`, index + 1);
    });
  }
  if (look.kind === "difference") {
    return [
      entry("both", DIFFERENCE.both),
      entry(`only ${look.first}`, DIFFERENCE.onlyFirst),
      entry(`only ${look.second}`, DIFFERENCE.onlySecond),
    ];
  }
  if (look.kind === "heat") {
    const stops = [1, 64, 128, 192, 255].map((value) => css(colourOf(look, value)));
    return [{ name: "unsure to sure", paint: `linear-gradient(to right, ${stops.join(", ")})` }];
  }
  return [];
}

/** A layer's own colour in a list of layers. */
export function swatchOf(look: LayerLook): string {
  if (look.kind === "heat") return legendOf(look, [], {})[0]?.paint ?? "";
  if (look.kind === "difference") return css(difference.onlyFirst);
  return css(colourOf(look, 1));
}

/** The value of a mask at a voxel in words. */
export function valueText(
  look: LayerLook,
  value: number,
  labels: readonly number[],
  labelNames: Readonly<Record<number, string>>,
): string {
  if (look.kind === "heat") return value === 0 ? "-" : `${Math.round((value / 255) * 100)} %`;
  if (value === 0) return "background";
  return legendOf(look, labels, labelNames)[value - 1]?.name ?? "target";
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)})`;
}
