import { UNANNOTATED } from "#core/volume/volume.ts";
import { type Kernel, kernelOf, lines } from "../../webgpu/kernel.ts";
import { diceEpsilon, type FullLoss } from "./loss.reference.ts";

/** vec4s that one chunk of places sums up: those of single places, then a class each. */
export const lossSums = (classes: number): number => 1 + classes;

/** What of a loss its shaders are made for. */
type ShaderLoss = Pick<FullLoss, "classWeights" | "gamma" | "focal">;

/** Names the shaders of a loss apart. */
const keyOf = ({ classWeights, gamma, focal }: ShaderLoss): string =>
  `${classWeights.join("_")}.${focal === 0 ? "none" : gamma}`;

const float = (value: number): string => (Number.isInteger(value) ? `${value}.0` : `${value}`);

/** Weight of the class of a place, and its focal factor and steepness by `own`, `top`, `total`. */
function hardness({ classWeights, gamma, focal }: ShaderLoss): string {
  const weights = classWeights.map(float);
  const weight = weights.every((one) => one === weights[0])
    ? `    let weight = ${weights[0]};`
    : `    var weight = 0.0;
${lines(weights.length, (c) => `    if (label == ${c}) { weight = ${weights[c]}; }`)}`;
  if (focal === 0)
    return `${weight}\n    let hard = 0.0; let steep = 0.0; let log_p = own - top - log(total);`;
  return `${weight}
    let log_p = own - top - log(total);
    let p_own = exp(log_p);
    let rest = max(1.0 - p_own, 0.0);
    let hard = pow(rest, ${float(gamma)});
    let steep = hard - ${float(gamma)} * p_own * ${gamma === 1 ? "1.0" : `pow(rest, ${float(gamma - 1)})`} * log_p;`;
}

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

/** `own`: the logit of the place's class. */
const ownLogit = (classes: number): string =>
  `    var own = z0;
${lines(classes - 1, (c) => `    if (label == ${c + 1}) { own = z${c + 1}; }`)}`;

/**
 * Sums of one chunk of places: (weighted cross entropy, annotated places, their weights, focal),
 * then (p g, p, g) of each class. A chunk lies in one group: `chunks` and `places` count those
 * of a group.
 */
export const lossChunksKernel = (classes: number, loss: ShaderLoss): Kernel =>
  kernelOf({
    name: `loss.chunks.${classes}.${keyOf(loss)}`,
    uses: ["arena", "labels"],
    fields: ["places", "groups", "chunks", "chunk", "xAt", "xPitch", "pAt"],
    functions: labelFunction,
    body: `
  if (thread >= u.groups * u.chunks) { return; }
  let start = (thread / u.chunks) * u.places;
  let first_place = (thread % u.chunks) * u.chunk;
  var first = vec4f();
${lines(classes, (c) => `  var s${c} = vec4f();`)}
  for (var at_place = first_place; at_place < min(u.places, first_place + u.chunk); at_place++) {
    let place = start + at_place;
    let label = labelOf(place);
    if (label == ${UNANNOTATED}) { continue; }
${softmax(classes)}
${ownLogit(classes)}
${hardness(loss)}
    first += vec4f(-weight * log_p, 1.0, weight, -hard * log_p);
${lines(classes, (c) => `    { let g = select(0.0, 1.0, label == ${c}); s${c} += vec4f(p${c} * g, p${c}, g, 0.0); }`)}
  }
  let to = u32(u.pAt + thread * ${lossSums(classes)});
  arena[to] = first;
${lines(classes, (c) => `  arena[to + ${c + 1}u] = s${c};`)}`,
  });

/** Adds up `fold` neighbouring chunks of a group. */
export const lossFoldKernel = (classes: number): Kernel =>
  kernelOf({
    name: `loss.fold.${classes}`,
    uses: ["arena"],
    fields: ["groups", "chunks", "folded", "fold", "pAt", "tAt"],
    body: `
  let j = thread % ${lossSums(classes)}; let part = thread / ${lossSums(classes)};
  if (part >= u.groups * u.folded) { return; }
  let from_chunk = (part % u.folded) * u.fold; let start = (part / u.folded) * u.chunks;
  var sum = vec4f();
  for (var i = from_chunk; i < min(u.chunks, from_chunk + u.fold); i++) {
    sum += arena[u32(u.pAt + (start + i) * ${lossSums(classes)} + j)];
  }
  arena[u32(u.tAt + part * ${lossSums(classes)} + j)] = sum;`,
  });

/**
 * The loss and what the gradient needs, at `tAt`: (loss, cross entropy per weight, focal per
 * place, 0), then of each group dL/dp of each class: (at places of the class, elsewhere, 0, 0).
 */
export const lossTotalKernel = (classes: number, firstClass: number): Kernel =>
  kernelOf({
    name: `loss.total.${classes}.${firstClass}`,
    uses: ["arena"],
    fields: ["groups", "chunks", "pAt", "tAt", "f_crossEntropy", "f_dice", "f_focal"],
    body: `
  if (thread > 0) { return; }
  var s0 = vec4f();
  var dice = 0.0;
  let each = u.f_dice / (${Math.max(1, classes - firstClass)}.0 * f32(u.groups));
  for (var group = 0; group < u.groups; group++) {
${lines(classes, (c) => `    var s${c + 1} = vec4f();`)}
    for (var i = group * u.chunks; i < (group + 1) * u.chunks; i++) {
      let at = u32(u.pAt + i * ${lossSums(classes)});
${lines(lossSums(classes), (j) => `      s${j} += arena[at + ${j}u];`)}
    }
    let to = u32(u.tAt + 1 + group * ${classes});
${lines(classes, (c) =>
  c < firstClass
    ? `    arena[to + ${c}u] = vec4f();`
    : `    { let top = 2.0 * s${c + 1}.x + ${diceEpsilon}; let bottom = s${c + 1}.y + s${c + 1}.z + ${diceEpsilon};
      dice += each * (1.0 - top / bottom);
      arena[to + ${c}u] = vec4f(each * (top - 2.0 * bottom), each * top, 0.0, 0.0) / (bottom * bottom); }`,
)}
  }
  let counted = s0.y > 0.0;
  let perWeight = select(0.0, u.f_crossEntropy / max(s0.z, 1e-30), counted && s0.z > 0.0);
  let perPlace = select(0.0, u.f_focal / max(s0.y, 1.0), counted);
  let loss = s0.x * perWeight + s0.w * perPlace + select(0.0, dice, counted);
  arena[u32(u.tAt)] = vec4f(loss, perWeight, perPlace, 0.0);`,
  });

/** dL/dlogits of each place; zero where nobody annotated. `places` counts those of a group. */
export const lossGradientKernel = (classes: number, loss: ShaderLoss): Kernel =>
  kernelOf({
    name: `loss.gradient.${classes}.${keyOf(loss)}`,
    uses: ["arena", "labels"],
    fields: ["places", "groups", "c4", "xAt", "xPitch", "sAt", "tAt", "tPitch"],
    functions: labelFunction,
    body: `
  let place = thread;
  if (place >= u.places * u.groups) { return; }
  let label = labelOf(place);
${lines(classes, (c) => `  var d${c} = 0.0;`)}
  if (label != ${UNANNOTATED}) {
${softmax(classes)}
${ownLogit(classes)}
${hardness(loss)}
    let shares = arena[u32(u.sAt)];
    let steepness = shares.y * weight + shares.z * steep;
    let slopes = u32(u.sAt + 1 + (place / u.places) * ${classes});
${lines(classes, (c) => `    let k${c} = arena[slopes + ${c}u]; let b${c} = select(k${c}.y, k${c}.x, label == ${c});`)}
    let mean = ${Array.from({ length: classes }, (_, c) => `b${c} * p${c}`).join(" + ")};
${lines(classes, (c) => `    d${c} = steepness * (p${c} - select(0.0, 1.0, label == ${c})) + p${c} * (b${c} - mean);`)}
  }
  let to = u32(u.tAt + place * u.tPitch);
${lines(Math.ceil(classes / 4), (q) => `  arena[to + ${q}u] = vec4f(${[0, 1, 2, 3].map((i) => (q * 4 + i < classes ? `d${q * 4 + i}` : "0.0")).join(", ")});`)}`,
  });
