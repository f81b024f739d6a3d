import { UNANNOTATED } from "#core/volume/volume.ts";
import { type Kernel, kernelOf, lines } from "../../webgpu/kernel.ts";
import { diceEpsilon } from "./loss.reference.ts";

/** vec4s that one chunk of places sums up: cross entropy and count, then a class each. */
export const lossSums = (classes: number): number => 1 + classes;

/** Softmax of the logits of one place, and its label; `p0`, `p1`, .. are the probabilities. */
function softmax(classes: number): string {
  const logit = (c: number) => `arena[u32(at + ${c >> 2})].${"xyzw"[c & 3]}`;
  return `    let at = u.xAt + place * u.xPitch;
${lines(classes, (c) => `    let z${c} = ${logit(c)};`)}
    var top = z0;
${lines(classes - 1, (c) => `    top = max(top, z${c + 1});`)}
${lines(classes, (c) => `    let e${c} = exp(z${c} - top);`)}
    let total = ${Array.from({ length: classes }, (_, c) => `e${c}`).join(" + ")};
${lines(classes, (c) => `    let p${c} = e${c} / total;`)}`;
}

const labelFunction = `
fn labelOf(place: i32) -> i32 {
  return i32((labels[u32(place >> 2u)] >> u32((place & 3) * 8)) & 255u);
}`;

/** Sums of one chunk of places: (cross entropy, count), then (p g, p, g) of each class. */
export const lossChunksKernel = (classes: number): Kernel =>
  kernelOf({
    name: `loss.chunks.${classes}`,
    uses: ["arena", "labels"],
    fields: ["places", "chunks", "chunk", "xAt", "xPitch", "pAt"],
    functions: labelFunction,
    body: `
  if (thread >= u.chunks) { return; }
  var first = vec4f();
${lines(classes, (c) => `  var s${c} = vec4f();`)}
  for (var place = thread * u.chunk; place < min(u.places, (thread + 1) * u.chunk); place++) {
    let label = labelOf(place);
    if (label == ${UNANNOTATED}) { continue; }
${softmax(classes)}
    var own = z0;
${lines(classes, (c) => `    let g${c} = select(0.0, 1.0, label == ${c}); if (label == ${c}) { own = z${c}; }`)}
    first += vec4f(top + log(total) - own, 1.0, 0.0, 0.0);
${lines(classes, (c) => `    s${c} += vec4f(p${c} * g${c}, p${c}, g${c}, 0.0);`)}
  }
  let to = u32(u.pAt + thread * ${lossSums(classes)});
  arena[to] = first;
${lines(classes, (c) => `  arena[to + ${c + 1}u] = s${c};`)}`,
  });

/** Adds up \`fold\` neighbouring chunks. */
export const lossFoldKernel = (classes: number): Kernel =>
  kernelOf({
    name: `loss.fold.${classes}`,
    uses: ["arena"],
    fields: ["chunks", "fold", "pAt", "tAt"],
    body: `
  let j = thread % ${lossSums(classes)}; let group = thread / ${lossSums(classes)};
  if (group * u.fold >= u.chunks) { return; }
  var sum = vec4f();
  for (var i = group * u.fold; i < min(u.chunks, (group + 1) * u.fold); i++) {
    sum += arena[u32(u.pAt + i * ${lossSums(classes)} + j)];
  }
  arena[u32(u.tAt + group * ${lossSums(classes)} + j)] = sum;`,
  });

/**
 * The loss and what the gradient needs, at `tAt`: (loss, crossEntropy / count, 0, 0), then
 * dL/dp of each class: (at places of the class, elsewhere, 0, 0).
 */
export const lossTotalKernel = (classes: number): Kernel =>
  kernelOf({
    name: `loss.total.${classes}`,
    uses: ["arena"],
    fields: ["chunks", "pAt", "tAt", "f_crossEntropy", "f_dice"],
    body: `
  if (thread > 0) { return; }
${lines(lossSums(classes), (j) => `  var s${j} = vec4f();`)}
  for (var i = 0; i < u.chunks; i++) {
    let at = u32(u.pAt + i * ${lossSums(classes)});
${lines(lossSums(classes), (j) => `    s${j} += arena[at + ${j}u];`)}
  }
  let counted = s0.y > 0.0;
  let perPlace = select(0.0, u.f_crossEntropy / max(s0.y, 1.0), counted);
  var loss = s0.x * perPlace;
  let each = select(0.0, u.f_dice / ${Math.max(1, classes - 1)}.0, counted);
  arena[u32(u.tAt + 1)] = vec4f();
${lines(
  classes - 1,
  (
    i,
  ) => `  { let top = 2.0 * s${i + 2}.x + ${diceEpsilon}; let bottom = s${i + 2}.y + s${i + 2}.z + ${diceEpsilon};
    loss += each * (1.0 - top / bottom);
    arena[u32(u.tAt + ${i + 2})] = vec4f(each * (top - 2.0 * bottom), each * top, 0.0, 0.0) / (bottom * bottom); }`,
)}
  arena[u32(u.tAt)] = vec4f(loss, perPlace, 0.0, 0.0);`,
  });

/** dL/dlogits of each place; zero where nobody annotated. */
export const lossGradientKernel = (classes: number): Kernel =>
  kernelOf({
    name: `loss.gradient.${classes}`,
    uses: ["arena", "labels"],
    fields: ["places", "c4", "xAt", "xPitch", "sAt", "tAt", "tPitch"],
    functions: labelFunction,
    body: `
  let place = thread;
  if (place >= u.places) { return; }
  let label = labelOf(place);
${lines(classes, (c) => `  var d${c} = 0.0;`)}
  if (label != ${UNANNOTATED}) {
${softmax(classes)}
    let perPlace = arena[u32(u.sAt)].y;
${lines(classes, (c) => `    let k${c} = arena[u32(u.sAt + ${c + 1})]; let b${c} = select(k${c}.y, k${c}.x, label == ${c});`)}
    let mean = ${Array.from({ length: classes }, (_, c) => `b${c} * p${c}`).join(" + ")};
${lines(classes, (c) => `    d${c} = perPlace * (p${c} - select(0.0, 1.0, label == ${c})) + p${c} * (b${c} - mean);`)}
  }
  let to = u32(u.tAt + place * u.tPitch);
${lines(Math.ceil(classes / 4), (q) => `  arena[to + ${q}u] = vec4f(${[0, 1, 2, 3].map((i) => (q * 4 + i < classes ? `d${q * 4 + i}` : "0.0")).join(", ")});`)}`,
  });
