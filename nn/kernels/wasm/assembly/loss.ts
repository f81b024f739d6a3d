const UNANNOTATED: u8 = 255;
const EPSILON: f64 = 1e-5;

/** Numbers kept per class. */
const SUMS: i32 = 3;

/**
 * The loss of `loss.reference.ts` over annotated places and its gradient dz by the logits z
 * [places, classes].
 *
 * weights: a float32 per class. scratch: 8 bytes times 3 * classes * groups; Dice is that of
 * each of the groups of places, from class `firstClass` on.
 * returns the loss, or NaN where a label is neither a class nor 255
 */
export function lossAndGradient(
  z: usize, labels: usize, dz: usize, scratch: usize, weights: usize, places: i32, classes: i32, groups: i32,
  firstClass: i32, crossEntropy: f64, dice: f64, focal: f64, gamma: f64,
): f64 {
  memory.fill(scratch, 0, groups * classes * SUMS << 3);
  const line = classes << 2;
  const each = places / groups;
  let counted = 0;
  let weight: f64 = 0;
  let entropy: f64 = 0;
  let hard: f64 = 0;
  for (let place = 0; place < places; place++) {
    const label = load<u8>(labels + place);
    if (label == UNANNOTATED) continue;
    if (<i32>label >= classes) return NaN;
    counted++;
    const p = dz + place * line;
    const log = softmax(z + place * line, p, classes, label);
    const own = <f64>load<f32>(weights + (<usize>label << 2));
    weight += own;
    entropy -= own * log;
    if (focal != 0) hard -= Math.pow(1 - Math.exp(log), gamma) * log;
    addSums(scratch + (place / each * classes * SUMS << 3), p, classes, firstClass, label);
  }
  if (!counted) {
    memory.fill(dz, 0, places * line);
    return 0;
  }
  let loss = focal * hard / counted;
  const perWeight = weight > 0 ? crossEntropy / weight : 0;
  loss += perWeight * entropy;
  for (let group = 0; group < groups; group++) {
    loss += slopes(scratch + (group * classes * SUMS << 3), classes, firstClass, dice / groups);
  }
  gradients(z, labels, dz, scratch, weights, places, classes, each, firstClass, perWeight, focal / counted, gamma);
  return loss;
}

/** Probabilities of a place into p; returns the logarithm of that of the label. */
function softmax(z: usize, p: usize, classes: i32, label: i32): f64 {
  let top = load<f32>(z);
  for (let c = 1; c < classes; c++) top = max(top, load<f32>(z + (c << 2)));
  let sum: f32 = 0;
  for (let c = 0; c < classes << 2; c += 4) {
    const value = Mathf.exp(load<f32>(z + c) - top);
    store<f32>(p + c, value);
    sum += value;
  }
  const factor: f32 = <f32>1 / sum;
  for (let c = 0; c < classes << 2; c += 4) store<f32>(p + c, load<f32>(p + c) * factor);
  return <f64>(load<f32>(z + (label << 2)) - top) - Math.log(<f64>sum);
}

/** Per class: sum of p where it is the label, sum of p, count of the label. */
// @ts-ignore: decorator
@inline
function addSums(sums: usize, p: usize, classes: i32, firstClass: i32, label: i32): void {
  for (let c = firstClass; c < classes; c++) {
    const at = sums + (c * SUMS << 3);
    const value = <f64>load<f32>(p + (c << 2));
    store<f64>(at + 8, load<f64>(at + 8) + value);
    if (c == label) {
      store<f64>(at, load<f64>(at) + value);
      store<f64>(at + 16, load<f64>(at + 16) + 1);
    }
  }
}

/** The Dice part; sums become its slope by p inside and outside of each class. */
function slopes(sums: usize, classes: i32, firstClass: i32, dice: f64): f64 {
  let loss: f64 = 0;
  const each = classes > firstClass ? dice / (classes - firstClass) : 0;
  for (let c = firstClass; c < classes; c++) {
    const at = sums + (c * SUMS << 3);
    const top = 2 * load<f64>(at) + EPSILON;
    const bottom = load<f64>(at + 8) + load<f64>(at + 16) + EPSILON;
    loss += each * (1 - top / bottom);
    store<f64>(at, each * (top - 2 * bottom) / (bottom * bottom));
    store<f64>(at + 8, each * top / (bottom * bottom));
  }
  return loss;
}

function gradients(
  z: usize, labels: usize, dz: usize, slopes: usize, weights: usize, places: i32, classes: i32, each: i32,
  firstClass: i32, perWeight: f64, perPlace: f64, gamma: f64,
): void {
  for (let place = 0; place < places; place++) {
    const label = load<u8>(labels + place);
    const at = dz + (place * classes << 2);
    if (label == UNANNOTATED) {
      memory.fill(at, 0, classes << 2);
      continue;
    }
    const own = slopes + (place / each * classes * SUMS << 3);
    let mean: f32 = 0;
    for (let c = firstClass; c < classes; c++) mean += slope(own, c, label) * load<f32>(at + (c << 2));
    let steepness = perWeight * <f64>load<f32>(weights + (<usize>label << 2));
    if (perPlace != 0) {
      const log = logOf(z + (place * classes << 2), classes, label);
      const p = Math.exp(log);
      const rest = 1 - p;
      steepness += perPlace * (Math.pow(rest, gamma) - gamma * p * Math.pow(rest, gamma - 1) * log);
    }
    const share = <f32>steepness;
    for (let c = 0; c < classes; c++) {
      const p = load<f32>(at + (c << 2));
      const hit: f32 = c == label ? 1 : 0;
      const byDice = (c >= firstClass ? slope(own, c, label) : 0) - mean;
      store<f32>(at + (c << 2), share * (p - hit) + p * byDice);
    }
  }
}

/** Logarithm of the softmax of a place at one class. */
function logOf(z: usize, classes: i32, label: i32): f64 {
  let top = load<f32>(z);
  for (let c = 1; c < classes; c++) top = max(top, load<f32>(z + (c << 2)));
  let sum: f64 = 0;
  for (let c = 0; c < classes << 2; c += 4) sum += <f64>Mathf.exp(load<f32>(z + c) - top);
  return <f64>(load<f32>(z + (label << 2)) - top) - Math.log(sum);
}

// @ts-ignore: decorator
@inline
function slope(slopes: usize, c: i32, label: i32): f32 {
  return <f32>load<f64>(slopes + (c * SUMS << 3) + (c == label ? 0 : 8));
}
