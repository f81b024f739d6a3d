/** A picture of one channel, row-major. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Where each pixel of the first picture lies in the second, relative to itself, pixels. */
export interface Flow {
  readonly y: Float32Array;
  readonly x: Float32Array;
}

export interface FlowOptions {
  /** Smoothness; larger is smoother, for pictures of 0 to 255. */
  readonly alpha: number;
  /** Times the second picture is warped at each size. */
  readonly warps: number;
  /** Relaxation sweeps after each warp. */
  readonly sweeps: number;
}

export const flowDefaults: FlowOptions = { alpha: 12, warps: 4, sweeps: 40 };

/** Shorter sides at which the pyramid ends, pixels. */
const SMALLEST = 12;
/** Blur before halving. */
const SIGMA = 1.04;
/** Of successive over-relaxation. */
const RELAXATION = 1.9;

/**
 * Dense optical flow between two pictures, coarse to fine: of all smooth fields (u, v) the one
 * that minimises
 *
 *     sum (B(p + (u, v)) - A(p))^2 + alpha^2 (|grad u|^2 + |grad v|^2)
 *
 * @param a - first picture, [height, width], 0 to 255
 * @param b - second picture of the same size
 *
 * Source: Horn and Schunck 1981, doi:10.1016/0004-3702(81)90024-2, on a pyramid with warping
 * as in Meinhardt-Llopis, Sanchez and Kondermann 2013, doi:10.5201/ipol.2013.20; fixed numbers of
 * warps and sweeps are ours.
 */
export function denseFlow(a: Picture, b: Picture, options: FlowOptions = flowDefaults): Flow {
  const levels = [{ a, b }];
  for (let last = { a, b }; Math.min(last.a.height, last.a.width) >= 2 * SMALLEST; ) {
    last = { a: halved(last.a), b: halved(last.b) };
    levels.push(last);
  }
  let flow: Flow | null = null;
  let from: Picture = a;
  for (const level of levels.toReversed()) {
    flow = flow ? enlarged(flow, from, level.a) : zeroFlow(level.a);
    refine(level.a, level.b, flow, options);
    from = level.a;
  }
  return flow ?? zeroFlow(a);
}

/**
 * Values moved along a flow: each pixel takes what lies where its flow points, linearly
 * between pixels, the edge's beyond the picture.
 *
 * @param values - on the second picture, [height, width, channels]
 * @returns on the first picture, likewise
 */
export function alongFlow(
  { y, x }: Flow,
  { height, width }: Pick<Picture, "height" | "width">,
  values: Float32Array,
): Float32Array {
  const channels = values.length / (height * width);
  const moved = new Float32Array(values.length);
  for (let place = 0; place < height * width; place++) {
    const top = clamp(Math.floor(place / width) + (y[place] as number), height - 1);
    const left = clamp((place % width) + (x[place] as number), width - 1);
    const [row, column] = [Math.floor(top), Math.floor(left)];
    const [below, right] = [Math.min(row + 1, height - 1), Math.min(column + 1, width - 1)];
    const [dy, dx] = [top - row, left - column];
    for (let c = 0; c < channels; c++) {
      const at = (r: number, k: number) => values[(r * width + k) * channels + c] as number;
      const upper = (1 - dx) * at(row, column) + dx * at(row, right);
      const lower = (1 - dx) * at(below, column) + dx * at(below, right);
      moved[place * channels + c] = (1 - dy) * upper + dy * lower;
    }
  }
  return moved;
}

/** Improves a flow in place at one size. */
function refine(a: Picture, b: Picture, flow: Flow, { alpha, warps, sweeps }: FlowOptions): void {
  const { height, width } = a;
  const slope = gradient(b);
  const weight = alpha * alpha;
  for (let warp = 0; warp < warps; warp++) {
    const moved = alongFlow(flow, b, b.values);
    const [by, bx] = [alongFlow(flow, b, slope.y), alongFlow(flow, b, slope.x)];
    // What the linearised brightness would be without any flow.
    const rest = moved.map(
      (value, p) =>
        value -
        (a.values[p] as number) -
        (bx[p] as number) * (flow.x[p] as number) -
        (by[p] as number) * (flow.y[p] as number),
    );
    for (let sweep = 0; sweep < sweeps; sweep++)
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) {
          const p = row * width + column;
          const near = neighbours(p, row, column, height, width);
          const [gx, gy] = [bx[p] as number, by[p] as number];
          const u = flow.x[p] as number;
          const v = flow.y[p] as number;
          const nextU =
            (weight * averageAt(flow.x, near) - gx * (gy * v + (rest[p] as number))) /
            (gx * gx + weight);
          flow.x[p] = (1 - RELAXATION) * u + RELAXATION * nextU;
          const nextV =
            (weight * averageAt(flow.y, near) -
              gy * (gx * (flow.x[p] as number) + (rest[p] as number))) /
            (gy * gy + weight);
          flow.y[p] = (1 - RELAXATION) * v + RELAXATION * nextV;
        }
  }
}

type Four = readonly [number, number, number, number];

function neighbours(p: number, row: number, column: number, height: number, width: number): Four {
  return [
    row > 0 ? p - width : p,
    row < height - 1 ? p + width : p,
    column > 0 ? p - 1 : p,
    column < width - 1 ? p + 1 : p,
  ];
}

function averageAt(values: Float32Array, [a, b, c, d]: Four): number {
  const sum =
    (values[a] as number) + (values[b] as number) + (values[c] as number) + (values[d] as number);
  return 0.25 * sum;
}

/** Central differences; at the edges to the edge itself. */
function gradient({ height, width, values }: Picture): Flow {
  const y = new Float32Array(values.length);
  const x = new Float32Array(values.length);
  for (let p = 0; p < values.length; p++) {
    const [up, down, left, right] = neighbours(p, Math.floor(p / width), p % width, height, width);
    y[p] = 0.5 * ((values[down] as number) - (values[up] as number));
    x[p] = 0.5 * ((values[right] as number) - (values[left] as number));
  }
  return { y, x };
}

/** Blurred and taken at every second pixel. */
function halved(picture: Picture): Picture {
  const blurred = blur(blur(picture, "x"), "y");
  const [height, width] = [Math.ceil(picture.height / 2), Math.ceil(picture.width / 2)];
  const values = Float32Array.from(
    { length: height * width },
    (_, p) => blurred.values[2 * Math.floor(p / width) * picture.width + 2 * (p % width)] as number,
  );
  return { height, width, values };
}

const kernel = Array.from({ length: 7 }, (_, i) => Math.exp(-((i - 3) ** 2) / (2 * SIGMA * SIGMA)));
const kernelSum = kernel.reduce((a, b) => a + b);

function blur({ height, width, values }: Picture, axis: "x" | "y"): Picture {
  const result = values.map((_, p) => {
    const [row, column] = [Math.floor(p / width), p % width];
    return (
      kernel.reduce((sum, weight, i) => {
        const y = axis === "y" ? clamp(row + i - 3, height - 1) : row;
        const x = axis === "x" ? clamp(column + i - 3, width - 1) : column;
        return sum + weight * (values[y * width + x] as number);
      }, 0) / kernelSum
    );
  });
  return { height, width, values: result };
}

/** A flow of a picture half the size. */
function enlarged(flow: Flow, from: Picture, to: Picture): Flow {
  const take = (values: Float32Array) =>
    Float32Array.from({ length: to.height * to.width }, (_, p) => {
      const row = Math.min(from.height - 1, Math.floor(p / to.width) >> 1);
      const column = Math.min(from.width - 1, (p % to.width) >> 1);
      return 2 * (values[row * from.width + column] as number);
    });
  return { y: take(flow.y), x: take(flow.x) };
}

function zeroFlow({ values }: Picture): Flow {
  return { y: new Float32Array(values.length), x: new Float32Array(values.length) };
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
