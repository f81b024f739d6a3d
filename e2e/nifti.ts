/** A NIfTI-1 file as it is stored: what the page should show of it. */
export interface Stored {
  /** Counts along i, j and k. */
  readonly shape: readonly [number, number, number];
  /** i fastest; with slope and intercept. */
  readonly voxels: Float64Array;
  valueAt(i: number, j: number, k: number): number;
  /** RAS+ mm of a voxel, by the file's affine. */
  worldOf(i: number, j: number, k: number): readonly number[];
  /** From RAS+ mm to i, j, k. */
  voxelOf(mm: readonly [number, number, number]): readonly [number, number, number];
}

const readers = {
  2: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
  4: { bytes: 2, read: (view: DataView, at: number) => view.getInt16(at, true) },
  8: { bytes: 4, read: (view: DataView, at: number) => view.getInt32(at, true) },
  16: { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  64: { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
  512: { bytes: 2, read: (view: DataView, at: number) => view.getUint16(at, true) },
} as const;

/** Reads a little-endian NIfTI-1 file, by a few lines that share nothing with the page. */
export function readNifti(bytes: Uint8Array): Stored {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = [1, 2, 3].map((at) => view.getInt16(40 + 2 * at, true)) as [number, number, number];
  const type = view.getInt16(70, true) as keyof typeof readers;
  const start = view.getFloat32(108, true);
  const slope = view.getFloat32(112, true) || 1;
  const intercept = view.getFloat32(116, true);
  const rows = view.getInt16(254, true) > 0 ? sform(view) : qform(view);
  const { bytes: size, read } = readers[type];
  const voxels = Float64Array.from(
    { length: shape[0] * shape[1] * shape[2] },
    (_, index) => read(view, start + index * size) * slope + intercept,
  );
  return {
    shape,
    voxels,
    valueAt: (i, j, k) => voxels[(k * shape[1] + j) * shape[0] + i] as number,
    worldOf: (i, j, k) => rows.map(([a, b, c, origin]) => a * i + b * j + c * k + origin),
    voxelOf: (mm) => solved(rows, mm),
  };
}

type Row = readonly [number, number, number, number];

function sform(view: DataView): Row[] {
  return [280, 296, 312].map((row) =>
    [0, 4, 8, 12].map((column) => view.getFloat32(row + column, true)),
  ) as unknown as Row[];
}

/** Rotation by a quaternion, spacing and offset. */
function qform(view: DataView): Row[] {
  const [b, c, d] = [256, 260, 264].map((at) => view.getFloat32(at, true)) as [
    number,
    number,
    number,
  ];
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const handed = view.getFloat32(76, true) < 0 ? -1 : 1;
  const [dx, dy, dz] = [80, 84, 88].map((at) => view.getFloat32(at, true)) as [
    number,
    number,
    number,
  ];
  const turns = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
  ] as const;
  return turns.map(([i, j, k], row) => [
    i * dx,
    j * dy,
    k * dz * handed,
    view.getFloat32(268 + 4 * row, true),
  ]);
}

/** Cramer's rule for three equations. */
function solved(
  rows: readonly Row[],
  mm: readonly [number, number, number],
): readonly [number, number, number] {
  const column = (at: number) => rows.map((row) => row[at] as number);
  const [a, b, c] = [column(0), column(1), column(2)];
  const right = rows.map((row, at) => (mm[at] as number) - row[3]);
  const whole = determinant(a, b, c);
  return [
    determinant(right, b, c) / whole,
    determinant(a, right, c) / whole,
    determinant(a, b, right) / whole,
  ];
}

function determinant(a: readonly number[], b: readonly number[], c: readonly number[]): number {
  const [a0 = 0, a1 = 0, a2 = 0] = a;
  const [b0 = 0, b1 = 0, b2 = 0] = b;
  const [c0 = 0, c1 = 0, c2 = 0] = c;
  return a0 * (b1 * c2 - b2 * c1) - b0 * (a1 * c2 - a2 * c1) + c0 * (a1 * b2 - a2 * b1);
}
