import { madd } from "./lanes";

// The filter gradient is a matrix product whose inner dimension runs over places. Tiles of 4
// taps x 8 output channels stay in registers while a chunk of places that fits the nearest
// cache streams by; each chunk starts its sums at zero, which also keeps rounding small.

/** Floats of x and dy together that a chunk of places may touch. */
const CHUNK_FLOATS: i32 = 6144;

/**
 * Adds to dw[tapRun, run4, outs4] the sum over the places of one sample of x * dy; run4 and
 * outs4 are run and cout rounded up to 4. Done for the tiles [from, to), which are 4 taps high
 * and follow each other as in dw.
 * dyStep: bytes from one place to the next in dy; other arguments as convForward.
 */
export function convFilter(
  x: usize, dy: usize, dw: usize, taps: usize, from: i32, to: i32, run: i32, cout: i32, dyStep: i32,
  outD: i32, outH: i32, outW: i32, stepZ: i32, stepY: i32, stepX: i32,
): void {
  const tilesOfRun = (run + 3) >> 2;
  const outs4 = (cout + 3) & ~3;
  const rows = max(1, CHUNK_FLOATS / max(1, outW * (dyStep + stepX >> 2)));
  const dyRow = outW * dyStep;
  for (let z = 0; z < outD; z++) {
    for (let y = 0; y < outH; y += rows) {
      const height = min(rows, outH - y);
      const xAt = x + z * stepZ + y * stepY;
      const dyAt = dy + (z * outH + y) * dyRow;
      for (let tile = from; tile < to; tile++) {
        const tapRun = tile / tilesOfRun;
        const source = xAt + load<i32>(taps + (tapRun << 2)) + (tile - tapRun * tilesOfRun << 4);
        const target = dw + (tile * outs4 << 4);
        let o = 0;
        for (; o + 4 < outs4; o += 8) {
          tile8(source, dyAt + (o << 2), target + (o << 2), height, outW, stepY, stepX, dyRow, dyStep, outs4 << 2);
        }
        if (o < outs4) {
          tile4(source, dyAt + (o << 2), target + (o << 2), height, outW, stepY, stepX, dyRow, dyStep, outs4 << 2);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, value: v128): void {
  v128.store(at, f32x4.add(v128.load(at), value));
}

function tile8(
  x: usize, dy: usize, dw: usize, height: i32, width: i32,
  stepY: i32, stepX: i32, dyRow: i32, dyStep: i32, line: i32,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, b0 = zero, a1 = zero, b1 = zero, a2 = zero, b2 = zero, a3 = zero, b3 = zero;
  for (let row = 0; row < height; row++) {
    let p = x;
    let g = dy;
    const end = dy + width * dyStep;
    if (width & 1) {
      const ga = v128.load(g);
      const gb = v128.load(g, 16);
      let s = v128.load32_splat(p);
      a0 = madd(a0, s, ga); b0 = madd(b0, s, gb);
      s = v128.load32_splat(p, 4);
      a1 = madd(a1, s, ga); b1 = madd(b1, s, gb);
      s = v128.load32_splat(p, 8);
      a2 = madd(a2, s, ga); b2 = madd(b2, s, gb);
      s = v128.load32_splat(p, 12);
      a3 = madd(a3, s, ga); b3 = madd(b3, s, gb);
      p += stepX;
      g += dyStep;
    }
    while (g < end) {
      let ga = v128.load(g);
      let gb = v128.load(g, 16);
      let s = v128.load32_splat(p);
      a0 = madd(a0, s, ga); b0 = madd(b0, s, gb);
      s = v128.load32_splat(p, 4);
      a1 = madd(a1, s, ga); b1 = madd(b1, s, gb);
      s = v128.load32_splat(p, 8);
      a2 = madd(a2, s, ga); b2 = madd(b2, s, gb);
      s = v128.load32_splat(p, 12);
      a3 = madd(a3, s, ga); b3 = madd(b3, s, gb);
      p += stepX;
      g += dyStep;
      ga = v128.load(g);
      gb = v128.load(g, 16);
      s = v128.load32_splat(p);
      a0 = madd(a0, s, ga); b0 = madd(b0, s, gb);
      s = v128.load32_splat(p, 4);
      a1 = madd(a1, s, ga); b1 = madd(b1, s, gb);
      s = v128.load32_splat(p, 8);
      a2 = madd(a2, s, ga); b2 = madd(b2, s, gb);
      s = v128.load32_splat(p, 12);
      a3 = madd(a3, s, ga); b3 = madd(b3, s, gb);
      p += stepX;
      g += dyStep;
    }
    x += stepY;
    dy += dyRow;
  }
  addTo(dw, a0); addTo(dw + 16, b0);
  dw += line;
  addTo(dw, a1); addTo(dw + 16, b1);
  dw += line;
  addTo(dw, a2); addTo(dw + 16, b2);
  dw += line;
  addTo(dw, a3); addTo(dw + 16, b3);
}

function tile4(
  x: usize, dy: usize, dw: usize, height: i32, width: i32,
  stepY: i32, stepX: i32, dyRow: i32, dyStep: i32, line: i32,
): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero;
  for (let row = 0; row < height; row++) {
    let p = x;
    for (let g = dy, end = dy + width * dyStep; g < end; g += dyStep) {
      const ga = v128.load(g);
      a0 = madd(a0, v128.load32_splat(p), ga);
      a1 = madd(a1, v128.load32_splat(p, 4), ga);
      a2 = madd(a2, v128.load32_splat(p, 8), ga);
      a3 = madd(a3, v128.load32_splat(p, 12), ga);
      p += stepX;
    }
    x += stepY;
    dy += dyRow;
  }
  addTo(dw, a0);
  addTo(dw + line, a1);
  addTo(dw + 2 * line, a2);
  addTo(dw + 3 * line, a3);
}

/** Adds convFilter's sums to the filter gradient [tapRuns * run, cout]. */
export function addFilter(sums: usize, dw: usize, tapRuns: i32, run: i32, cout: i32): void {
  const run4 = (run + 3) & ~3;
  const outs4 = (cout + 3) & ~3;
  for (let tapRun = 0; tapRun < tapRuns; tapRun++) {
    for (let k = 0; k < run; k++) {
      const from = sums + ((tapRun * run4 + k) * outs4 << 2);
      for (let o = 0; o < cout; o++) {
        store<f32>(dw, load<f32>(dw) + load<f32>(from + (o << 2)));
        dw += 4;
      }
    }
  }
}
