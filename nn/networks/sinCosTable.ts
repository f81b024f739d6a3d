/**
 * Fixed positions of a grid: of each place the sines, then the cosines of its column at
 * `width / 4` frequencies, then the same of its row.
 *
 *     frequency k = 10000^(-4 k / width)
 *
 * @param width - channels, a multiple of 4
 * @param before - places without a position that come first: zeros
 * @returns [before + rows * columns, width], row-major
 *
 * Source: Vaswani et al. 2017, arXiv:1706.03762; in 2D as in He et al. 2022, arXiv:2111.06377.
 */
export function sinCosTable(
  [rows, columns]: readonly [rows: number, columns: number],
  width: number,
  before = 0,
): Float32Array {
  const table = new Float32Array((before + rows * columns) * width);
  const quarter = width / 4;
  for (let place = 0; place < rows * columns; place++) {
    const axes = [place % columns, Math.floor(place / columns)];
    axes.forEach((position, axis) => {
      for (let k = 0; k < quarter; k++) {
        const angle = position / 10000 ** (k / quarter);
        const at = (before + place) * width + 2 * axis * quarter + k;
        table[at] = Math.sin(angle);
        table[at + quarter] = Math.cos(angle);
      }
    });
  }
  return table;
}
