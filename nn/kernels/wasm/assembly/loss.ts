const UNANNOTATED: u8 = 255;
const EPSILON: f64 = 1e-5;

/** Numbers kept per class. */
const SUMS: i32 = 3;

/**
 * crossEntropy * mean cross entropy + dice * soft Dice loss over the foreground classes, both
 * over annotated places, and its gradient dz by the logits z [places, classes].
 *
 * scratch: 8 bytes times 3 * classes.
 * returns the loss, or NaN where a label is neither a class nor 255
 */
export function lossAndGradient(
  z: usize, labels: usize, dz: usize, scratch: usize, places: i32, classes: i32, crossEntropy: f64, dice: f64,
): f64 {
  memory.fill(scratch, 0, classes * SUMS << 3);
  const line = classes << 2;
  let counted = 0;
  let entropy: f64 = 0;
  for (let place = 0; place < places; place++) {
    const label = load<u8>(labels + place);
    if (label == UNANNOTATED) continue;
    if (<i32>label >= classes) return NaN;
    counted++;
    entropy -= softmax(z + place * line, dz + place * line, classes, label);
    addSums(scratch, dz + place * line, classes, label);
  }
  if (!counted) {
    memory.fill(dz, 0, places * line);
    return 0;
  }
  const diceLoss = slopes(scratch, classes, dice);
  gradients(labels, dz, scratch, places, classes, <f32>(crossEntropy / counted));
  return crossEntropy * entropy / counted + diceLoss;
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
function addSums(sums: usize, p: usize, classes: i32, label: i32): void {
  for (let c = 1; c < classes; c++) {
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
function slopes(sums: usize, classes: i32, dice: f64): f64 {
  let loss: f64 = 0;
  const each = classes > 1 ? dice / (classes - 1) : 0;
  for (let c = 1; c < classes; c++) {
    const at = sums + (c * SUMS << 3);
    const top = 2 * load<f64>(at) + EPSILON;
    const bottom = load<f64>(at + 8) + load<f64>(at + 16) + EPSILON;
    loss += each * (1 - top / bottom);
    store<f64>(at, each * (top - 2 * bottom) / (bottom * bottom));
    store<f64>(at + 8, each * top / (bottom * bottom));
  }
  return loss;
}

function gradients(labels: usize, dz: usize, slopes: usize, places: i32, classes: i32, entropyShare: f32): void {
  for (let place = 0; place < places; place++) {
    const label = load<u8>(labels + place);
    const at = dz + (place * classes << 2);
    let mean: f32 = 0;
    for (let c = 1; c < classes; c++) mean += slope(slopes, c, label) * load<f32>(at + (c << 2));
    for (let c = 0; c < classes; c++) {
      const p = load<f32>(at + (c << 2));
      const hit: f32 = c == label ? 1 : 0;
      const value = entropyShare * (p - hit) + p * ((c ? slope(slopes, c, label) : 0) - mean);
      store<f32>(at + (c << 2), label == UNANNOTATED ? 0 : value);
    }
  }
}

// @ts-ignore: decorator
@inline
function slope(slopes: usize, c: i32, label: i32): f32 {
  return <f32>load<f64>(slopes + (c * SUMS << 3) + (c == label ? 0 : 8));
}
