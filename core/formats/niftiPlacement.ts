import { PlannerError } from "../errors.ts";
import { determinantOf, spacingOf } from "../volume/affine.ts";
import type { Affine, Spacing3 } from "../volume/grid.ts";

/** Which part of the header gave the place in space. */
export type AffineSource = "sform" | "qform" | "pixdim";

/** Where the voxels of a NIfTI file lie. */
export interface Placement {
  readonly affine: Affine;
  readonly affineSource: AffineSource;
  /** mm */
  readonly spacing: Spacing3;
  /** What a reader should know, in words. */
  readonly notes: readonly string[];
}

/** Header fields about space, as stored. */
export interface PlacementFields {
  /** Voxels along i, j, k. */
  readonly extents: readonly [number, number, number];
  /** pixdim[0..3] */
  readonly pixdim: readonly number[];
  /** xyzt_units */
  readonly units: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** quatern_b, c, d, qoffset_x, y, z */
  readonly quaternion: readonly number[];
  /** srow_x, srow_y, srow_z */
  readonly srow: readonly number[];
}

/**
 * Voxel to world (mm, RAS+): sform when its code is above 0, else qform, else the voxel
 * sizes alone with voxel (0, 0, 0) at the origin and no flip (the standard's method 1).
 * Metres and micrometres become mm.
 *
 * @throws PlannerError "format" when a number is not finite, a voxel has no volume or its
 *   edges are not within 1e-6 to 1e6 mm
 */
export function readPlacement(fields: PlacementFields): Placement {
  const { unit, notes } = unitOf(fields.units);
  const source = fields.sformCode > 0 ? "sform" : fields.qformCode > 0 ? "qform" : "pixdim";
  const stored =
    source === "sform"
      ? fields.srow
      : source === "qform"
        ? qformAffine(fields)
        : pixdimAffine(fields);
  const affine = stored.map((value) => value * unit) as unknown as Affine;
  requireInvertible(affine, source);
  if (source === "pixdim") {
    notes.push(
      "the file does not say how it lies in space: axes are taken as right, anterior, superior",
    );
  }
  return { affine, affineSource: source, spacing: spacingOf(affine), notes };
}

function unitOf(code: number): { unit: number; notes: string[] } {
  const spatial = code & 7;
  if (spatial === 1) return { unit: 1000, notes: ["lengths were stored in metres"] };
  if (spatial === 3) return { unit: 0.001, notes: ["lengths were stored in micrometres"] };
  return { unit: 1, notes: [] };
}

/** Method 2 of the standard: a rotation as a quaternion with unit length, voxel sizes, a shift. */
function qformAffine({ quaternion, pixdim, extents }: PlacementFields): number[] {
  const [qb = 0, qc = 0, qd = 0, x = 0, y = 0, z = 0] = quaternion;
  const rest = 1 - (qb * qb + qc * qc + qd * qd);
  // Rounding may push b, c, d past unit length; the standard's own reader scales them back.
  const scale = rest < 1e-7 ? 1 / Math.hypot(qb, qc, qd) : 1;
  const a = rest < 1e-7 ? 0 : Math.sqrt(rest);
  const [b, c, d] = [qb * scale, qc * scale, qd * scale];
  const [di, dj, dk] = voxelSizes(pixdim, extents);
  const dkSigned = (pixdim[0] as number) < 0 ? -dk : dk;
  return [
    (a * a + b * b - c * c - d * d) * di,
    2 * (b * c - a * d) * dj,
    2 * (b * d + a * c) * dkSigned,
    x,
    2 * (b * c + a * d) * di,
    (a * a + c * c - b * b - d * d) * dj,
    2 * (c * d - a * b) * dkSigned,
    y,
    2 * (b * d - a * c) * di,
    2 * (c * d + a * b) * dj,
    (a * a + d * d - b * b - c * c) * dkSigned,
    z,
  ];
}

function pixdimAffine({ pixdim, extents }: PlacementFields): number[] {
  const [di, dj, dk] = voxelSizes(pixdim, extents);
  return [di, 0, 0, 0, 0, dj, 0, 0, 0, 0, dk, 0];
}

/** pixdim[1..3]; an axis of one voxel may come without a size and gets 1. */
function voxelSizes(
  pixdim: readonly number[],
  extents: PlacementFields["extents"],
): [number, number, number] {
  const along = (axis: 0 | 1 | 2) => {
    const size = Math.abs(pixdim[axis + 1] as number);
    if (size > 0 && Number.isFinite(size)) return size;
    if (extents[axis] === 1) return 1;
    throw new PlannerError(
      "format",
      `NIfTI header: pixdim[${axis + 1}] must be a voxel size in mm, got ${pixdim[axis + 1]}`,
    );
  };
  return [along(0), along(1), along(2)];
}

function requireInvertible(affine: Affine, source: AffineSource): void {
  if (!affine.every(Number.isFinite)) {
    throw new PlannerError(
      "format",
      `NIfTI header: the affine (${source}) must be finite numbers, got [${affine.join(", ")}]`,
    );
  }
  const spacing = spacingOf(affine);
  const box = spacing[0] * spacing[1] * spacing[2];
  const isSized = spacing.every((mm) => mm >= 1e-6 && mm <= 1e6);
  if (isSized && Math.abs(determinantOf(affine)) >= 1e-4 * box) return;
  throw new PlannerError(
    "format",
    `NIfTI header: the affine (${source}) must give voxels a volume, got [${affine.join(", ")}]`,
  );
}
