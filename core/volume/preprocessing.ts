import * as v from "valibot";
import { rules } from "../schema.ts";
import type { Grid } from "./grid.ts";
import { paddedGrid } from "./padding.ts";
import { resampledGrid } from "./resampledShape.ts";

const triple = <S extends v.GenericSchema>(item: S, rule: string) =>
  v.tuple([v.nullable(item), v.nullable(item), v.nullable(item)], rule);

const millimetres = "three spacings in mm (above 0, at most 100) or null to keep one";
const counts = "three counts of voxels (1 to 4096) or null to keep one";

const value = () =>
  v.pipe(
    v.number("a number"),
    v.check((n) => Number.isFinite(n), "a finite number"),
  );
const percent = () =>
  v.pipe(
    v.number("a percentage"),
    v.check((n) => n >= 0 && n <= 100, "a percentage from 0 to 100"),
  );

const intensity = v.variant(
  "kind",
  [
    v.object({ kind: v.literal("zScore") }),
    v.object({ kind: v.literal("none") }),
    v.pipe(
      v.object({ kind: v.literal("window"), low: value(), high: value() }),
      v.check(({ low, high }) => low < high, "a window whose low value is below its high value"),
    ),
    v.pipe(
      v.object({ kind: v.literal("percentiles"), low: percent(), high: percent() }),
      v.check(({ low, high }) => low < high, "percentiles of which the low one is below the other"),
    ),
  ],
  "zScore, none, window or percentiles",
);

/** The rule of preprocessing; every field may be left out. */
export const preprocessingSchema = v.object({
  /** [depth, height, width], mm; null keeps the spacing of an axis. */
  spacing: v.optional(triple(rules.positive(100, millimetres), millimetres)),
  /** [depth, height, width], voxels, cropped or padded about the centre; null keeps an axis. */
  size: v.optional(triple(rules.integer(1, 4096, counts), counts)),
  /** Absent: z-score. */
  intensity: v.optional(intensity),
});

/** What is done to every volume of a cohort before trials see it. */
export type Preprocessing = v.InferOutput<typeof preprocessingSchema>;

/** What is done to the values of an image. */
export type IntensityRule = NonNullable<Preprocessing["intensity"]>;

/** Windows that radiologists know, Hounsfield units: [low, high]. */
export const ctWindows = {
  "soft tissue": [-160, 240],
  lung: [-1350, 150],
  bone: [-450, 1050],
  brain: [0, 80],
  liver: [-45, 105],
} as const satisfies Record<string, readonly [number, number]>;

/** Whether nothing but the z-score is done. */
export function isPlain({ spacing, size, intensity: rule }: Preprocessing): boolean {
  return !changesGrid({ spacing, size }) && (rule === undefined || rule.kind === "zScore");
}

/** Whether volumes get another grid. */
export function changesGrid({ spacing, size }: Preprocessing): boolean {
  const asks = (list: readonly (number | null)[] | undefined) =>
    list?.some((one) => one !== null) ?? false;
  return asks(spacing) || asks(size);
}

/** The grid a volume has after its spacing was changed; before cropping and padding. */
export function respacedGrid(grid: Grid, { spacing }: Preprocessing): Grid {
  if (!changesGrid({ spacing })) return grid;
  const [depth, height, width] = grid.spacing;
  const [d, h, w] = spacing ?? [null, null, null];
  return resampledGrid(grid, [d ?? depth, h ?? height, w ?? width]);
}

/** The grid that trials see. */
export function preparedGrid(grid: Grid, preprocessing: Preprocessing): Grid {
  const respaced = respacedGrid(grid, preprocessing);
  const [depth, height, width] = respaced.shape;
  const [d, h, w] = preprocessing.size ?? [null, null, null];
  return paddedGrid(respaced, [d ?? depth, h ?? height, w ?? width]);
}
