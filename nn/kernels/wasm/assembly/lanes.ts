// Four neighbouring channels at a time. Loads may run up to three floats past a tensor, which
// the arena allows for; stores never do.

// @ts-ignore: decorator
@inline
export function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
export function storeLanes(address: usize, value: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(address, value);
    return;
  }
  if (lanes == 1) {
    v128.store32_lane(address, value, 0);
    return;
  }
  v128.store64_lane(address, value, 0);
  if (lanes == 3) v128.store32_lane(address, value, 2, 8);
}

/** x above zero, slope * x elsewhere: 0 is ReLU, 1 nothing, between them leaky ReLU. */
// @ts-ignore: decorator
@inline
export function activate(value: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  return v128.bitselect(value, f32x4.mul(value, slope), f32x4.gt(value, zero));
}
