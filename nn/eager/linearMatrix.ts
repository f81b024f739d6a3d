/**
 * Linear interpolation along one axis as a matrix: half-pixel centres, clamped edges
 * (PyTorch `align_corners=False`).
 *
 *     source = clamp((i + 1/2) from / to - 1/2, 0, from - 1)
 *
 * @returns [to, from], row-major; each row sums to 1
 */
export function linearMatrix(from: number, to: number): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const source = Math.min(Math.max(((row + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(source);
    const share = source - low;
    matrix[row * from + low] = 1 - share;
    if (share > 0) matrix[row * from + low + 1] = share;
  }
  return matrix;
}
