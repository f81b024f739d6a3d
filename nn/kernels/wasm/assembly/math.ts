import { madd } from "./lanes";

/**
 * e^x of four numbers, to 2 units in the last place; below -87 it is e^-87, above 88 e^88.
 * x = n ln 2 + r, |r| <= ln 2 / 2: e^r by its series, 2^n by its exponent bits.
 */
// @ts-ignore: decorator
@inline
export function exp4(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(88)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634)));
  // ln 2 in two parts, the first exact in n.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444005469057e-4)));
  let p = f32x4.splat(1.0 / 5040.0);
  p = madd(f32x4.splat(1.0 / 720.0), p, r);
  p = madd(f32x4.splat(1.0 / 120.0), p, r);
  p = madd(f32x4.splat(1.0 / 24.0), p, r);
  p = madd(f32x4.splat(1.0 / 6.0), p, r);
  p = madd(f32x4.splat(0.5), p, r);
  p = madd(f32x4.splat(1), p, r);
  p = madd(f32x4.splat(1), p, r);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}

/** The first `lanes` numbers, zero after them. */
// @ts-ignore: decorator
@inline
export function firstLanes(value: v128, lanes: i32): v128 {
  if (lanes >= 4) return value;
  return v128.and(value, i32x4.gt_s(i32x4.splat(lanes), i32x4(0, 1, 2, 3)));
}

// @ts-ignore: decorator
@inline
export function sumLanes(value: v128): f32 {
  return (
    f32x4.extract_lane(value, 0) +
    f32x4.extract_lane(value, 2) +
    (f32x4.extract_lane(value, 1) + f32x4.extract_lane(value, 3))
  );
}
