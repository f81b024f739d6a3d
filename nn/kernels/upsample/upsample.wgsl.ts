import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

const plain: Epilogue = { accumulate: false, mask: false, activation: false };

const fields = ["xD", "xH", "xW", "yD", "yH", "yW", "batch", "c4", "tAt", "tPitch"];

/** Source coordinate of place `i`: half-pixel centres, clamped at 0. */
const sourceFunction = `
fn source(i: i32, from_: i32, to: i32) -> f32 {
  return max(0.0, (f32(i) + 0.5) * f32(from_) / f32(to) - 0.5);
}`;

/** y: a mix of 4 (2D) or 8 (3D) places of x. */
export const upsampleKernel = (rank: 4 | 5): Kernel =>
  kernelOf({
    name: `upsample.${rank}`,
    uses: ["arena"],
    fields: [...fields, "xAt", "xPitch"],
    functions: `${sourceFunction}
fn at(place: i32, channel: i32) -> vec4f { return arena[u32(u.xAt + place * u.xPitch + channel)]; }
fn plane(start: i32, h: vec2i, w: vec2i, fh: f32, fw: f32, channel: i32) -> vec4f {
  let top = start + h.x * u.xW; let bottom = start + h.y * u.xW;
  return mix(mix(at(top + w.x, channel), at(top + w.y, channel), fw),
             mix(at(bottom + w.x, channel), at(bottom + w.y, channel), fw), fh);
}
/** The two places that a source coordinate lies between. */
fn ends(s: f32, count: i32) -> vec2i { let low = min(i32(s), count - 1); return vec2i(low, min(low + 1, count - 1)); }
${deliverFunction(plain)}`,
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  let w = place % u.yW; let h = (place / u.yW) % u.yH;
  let d = (place / u.yW / u.yH) % u.yD; let n = place / u.yW / u.yH / u.yD;
  if (n >= u.batch) { return; }
  let sw = source(w, u.xW, u.yW); let ew = ends(sw, u.xW); let fw = sw - f32(ew.x);
  let sh = source(h, u.xH, u.yH); let eh = ends(sh, u.xH); let fh = sh - f32(eh.x);
${
  rank === 5
    ? `  let sd = source(d, u.xD, u.yD); let ed = ends(sd, u.xD);
  let a = plane((n * u.xD + ed.x) * u.xH * u.xW, eh, ew, fh, fw, c);
  let b = plane((n * u.xD + ed.y) * u.xH * u.xW, eh, ew, fh, fw, c);
  deliver(place, c, mix(a, b, sd - f32(ed.x)));`
    : "  deliver(place, c, plane(n * u.xH * u.xW, eh, ew, fh, fw, c));"
}`,
  });

/** dx: every place of y that was mixed from this place of x, times its share. */
export const upsampleGradientKernel = (rank: 4 | 5, epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `upsampleGradient.${rank}.${epilogueName(epilogue)}`,
    uses: ["arena"],
    fields: [...fields, "yAt", "yPitch", ...epilogueFields(epilogue)],
    functions: `${sourceFunction}
/** Share of place \`i\` of x in place \`o\` of y. */
fn share(i: i32, o: i32, from_: i32, to: i32) -> f32 {
  let s = source(o, from_, to);
  let low = min(i32(s), from_ - 1);
  let part = s - f32(low);
  return select(0.0, 1.0 - part, low == i) + select(0.0, part, min(low + 1, from_ - 1) == i);
}
/** First and last place of y that may hold a share of place \`i\` of x. */
fn reach(i: i32, from_: i32, to: i32) -> vec2i {
  let ratio = f32(to) / f32(from_);
  let first = i32(floor((f32(i) - 0.5) * ratio - 0.5));
  let last = i32(ceil((f32(i) + 1.5) * ratio - 0.5));
  return vec2i(select(max(0, first), 0, i == 0), select(min(to - 1, last), to - 1, i == from_ - 1));
}
${deliverFunction(epilogue)}`,
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  let w = place % u.xW; let h = (place / u.xW) % u.xH;
  let d = (place / u.xW / u.xH) % u.xD; let n = place / u.xW / u.xH / u.xD;
  if (n >= u.batch) { return; }
  let wReach = reach(w, u.xW, u.yW); let hReach = reach(h, u.xH, u.yH);
  var sum = vec4f();
${rank === 5 ? "  let dReach = reach(d, u.xD, u.yD);\n  for (var od = dReach.x; od <= dReach.y; od++) { let sd = share(d, od, u.xD, u.yD);" : "  { let od = 0; let sd = 1.0;"}
    for (var oh = hReach.x; oh <= hReach.y; oh++) {
      let sh = sd * share(h, oh, u.xH, u.yH);
      let row = ((n * u.yD + od) * u.yH + oh) * u.yW;
      for (var ow = wReach.x; ow <= wReach.y; ow++) {
        sum += (sh * share(w, ow, u.xW, u.yW)) * arena[u32(u.yAt + (row + ow) * u.yPitch + c)];
      }
    }
  }
  deliver(place, c, sum);`,
  });
