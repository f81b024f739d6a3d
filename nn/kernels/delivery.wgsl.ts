/** How a kernel's result reaches its target; see `Delivery` in `plan/graph.ts`. */
export interface Epilogue {
  readonly accumulate: boolean;
  readonly mask: boolean;
  readonly activation: boolean;
}

/** Part of a kernel's name. */
export const epilogueName = ({ accumulate, mask, activation }: Epilogue): string =>
  `${accumulate ? "+" : ""}${mask ? "m" : ""}${activation ? "a" : ""}`;

/** Uniforms that `deliver` reads. */
export function epilogueFields({ mask, activation }: Epilogue): string[] {
  return [...(mask ? ["mAt", "mPitch"] : []), ...(mask || activation ? ["f_slope"] : [])];
}

/**
 * WGSL function `deliver(place, channel4, value)`: writes a vec4 of the target tensor, which
 * the uniforms `tAt` and `tPitch` describe.
 */
export function deliverFunction({ accumulate, mask, activation }: Epilogue): string {
  return `fn deliver(place: i32, channel4: i32, value: vec4f) {
  let at = u32(u.tAt + place * u.tPitch + channel4);
  var v = value;
${accumulate ? "  v += arena[at];" : ""}
${mask ? "  v = select(u.f_slope * v, v, arena[u32(u.mAt + place * u.mPitch + channel4)] > vec4f());" : ""}
${activation ? "  v = select(u.f_slope * v, v, v > vec4f());" : ""}
  arena[at] = v;
}`;
}
