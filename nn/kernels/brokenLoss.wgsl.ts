/**
 * WGSL: whether the loss at `u.lossAt` of the arena is NaN or infinite. By its bits: shader
 * compilers may assume that a float is never NaN.
 */
export const isLossBroken = "(bitcast<u32>(arena[u32(u.lossAt)].x) & 0x7f800000u) == 0x7f800000u";
