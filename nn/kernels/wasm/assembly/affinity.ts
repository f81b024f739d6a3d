import { madd } from "./lanes";

// Tensors are dense: features [height, width, channels] with channels a multiple of 4, values
// and results [height, width, values].

/** Offsets inside the image of the place of the last call of `weigh`. */
let fromY: i32 = 0;
let toY: i32 = 0;
let fromX: i32 = 0;
let toX: i32 = 0;

/**
 * Weights of the candidates around a place, row by row, into `weights`. `zeroBorder`: those
 * outside the image take part with logit 0.
 */
function weigh(
  target: usize,
  source: usize,
  weights: usize,
  height: i32,
  width: i32,
  line: i32,
  radius: i32,
  zeroBorder: bool,
  y: i32,
  x: i32,
): void {
  fromY = max(0, y - radius);
  toY = min(height, y + radius + 1);
  fromX = max(0, x - radius);
  toX = min(width, x + radius + 1);
  const side = 2 * radius + 1;
  const outside = zeroBorder ? side * side - (toY - fromY) * (toX - fromX) : 0;
  const own = target + (y * width + x) * line;
  let top: f32 = outside > 0 ? 0 : -f32.MAX_VALUE;
  let at = weights;
  for (let row = fromY; row < toY; row++) {
    let other = source + (row * width + fromX) * line;
    for (let column = fromX; column < toX; column++, at += 4) {
      let even = f32x4.splat(0);
      let odd = f32x4.splat(0);
      let c = 0;
      for (; c + 16 < line; c += 32) {
        even = madd(even, v128.load(own + c), v128.load(other + c));
        odd = madd(odd, v128.load(own + c + 16), v128.load(other + c + 16));
      }
      if (c < line) even = madd(even, v128.load(own + c), v128.load(other + c));
      other += line;
      const logit = sumLanes(f32x4.add(even, odd));
      top = max(top, logit);
      store<f32>(at, logit);
    }
  }
  let sum: f32 = <f32>outside * Mathf.exp(-top);
  for (let one = weights; one < at; one += 4) {
    const value = Mathf.exp(load<f32>(one) - top);
    store<f32>(one, value);
    sum += value;
  }
  const share: f32 = <f32>1 / sum;
  for (let one = weights; one < at; one += 4) store<f32>(one, load<f32>(one) * share);
}

// @ts-ignore: decorator
@inline
function sumLanes(all: v128): f32 {
  return (
    f32x4.extract_lane(all, 0) +
    f32x4.extract_lane(all, 1) +
    (f32x4.extract_lane(all, 2) + f32x4.extract_lane(all, 3))
  );
}

/** y(p) = sum over the candidates q of weight(p, q) * values(q). scratch: 4 bytes a candidate. */
export function affinityForward(
  target: usize,
  source: usize,
  values: usize,
  y: usize,
  scratch: usize,
  height: i32,
  width: i32,
  channels: i32,
  valueCount: i32,
  radius: i32,
  zeroBorder: i32,
): void {
  const step = valueCount << 2;
  let to = y;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += step) {
      weigh(target, source, scratch, height, width, channels << 2, radius, zeroBorder != 0, row, column);
      for (let v = 0; v < step; v += 4) {
        let sum: f32 = 0;
        let weight = scratch;
        for (let i = fromY; i < toY; i++) {
          let at = values + (i * width + fromX) * step + v;
          for (let j = fromX; j < toX; j++, weight += 4, at += step) {
            sum += load<f32>(weight) * load<f32>(at);
          }
        }
        store<f32>(to + v, sum);
      }
    }
  }
}

/**
 * Adds to the gradients by target and source, and to that by values unless it is 0.
 * scratch: 8 bytes a candidate.
 */
export function affinityBackward(
  target: usize,
  source: usize,
  values: usize,
  dy: usize,
  dTarget: usize,
  dSource: usize,
  dValues: usize,
  scratch: usize,
  height: i32,
  width: i32,
  channels: i32,
  valueCount: i32,
  radius: i32,
  zeroBorder: i32,
): void {
  const line = channels << 2;
  const step = valueCount << 2;
  const side = 2 * radius + 1;
  const slopes = scratch + ((side * side) << 2);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      weigh(target, source, scratch, height, width, line, radius, zeroBorder != 0, row, column);
      const place = row * width + column;
      const mean = slopesOf(values, dValues, dy + place * step, scratch, slopes, width, step);
      const own = target + place * line;
      const dOwn = dTarget + place * line;
      let weight = scratch;
      let slope = slopes;
      for (let i = fromY; i < toY; i++) {
        let offset = (i * width + fromX) * line;
        for (let j = fromX; j < toX; j++, weight += 4, slope += 4, offset += line) {
          const share: f32 = load<f32>(weight) * (load<f32>(slope) - mean);
          if (share == 0) continue;
          const d = f32x4.splat(share);
          for (let c = 0; c < line; c += 16) {
            v128.store(dOwn + c, madd(v128.load(dOwn + c), d, v128.load(source + offset + c)));
            const at = dSource + offset + c;
            v128.store(at, madd(v128.load(at), d, v128.load(own + c)));
          }
        }
      }
    }
  }
}

/** How the result's gradient weighs each candidate; returns the weighted mean. */
function slopesOf(
  values: usize,
  dValues: usize,
  dy: usize,
  weights: usize,
  slopes: usize,
  width: i32,
  step: i32,
): f32 {
  let mean: f32 = 0;
  let weight = weights;
  let slope = slopes;
  for (let i = fromY; i < toY; i++) {
    let at = (i * width + fromX) * step;
    for (let j = fromX; j < toX; j++, weight += 4, slope += 4, at += step) {
      const own = load<f32>(weight);
      let sum: f32 = 0;
      for (let v = 0; v < step; v += 4) {
        const given = load<f32>(dy + v);
        sum += given * load<f32>(values + at + v);
        if (dValues) store<f32>(dValues + at + v, load<f32>(dValues + at + v) + own * given);
      }
      store<f32>(slope, sum);
      mean += own * sum;
    }
  }
  return mean;
}
