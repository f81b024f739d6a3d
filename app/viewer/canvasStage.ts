import type { CaseImage } from "#core/view/maskSource.ts";
import { type SliceWalk, sliceWalk } from "#core/view/sliceWalk.ts";
import { greyOf, type Window } from "#core/view/windows.ts";
import type { VoxelArray } from "#core/volume/volume.ts";
import type { DrawnLayer, Painter, PaneView, Stage } from "./stage.ts";

/** Where 0 stands in the table of greys: values go from -32768 to 65535. */
const HALF = 32_768;
const OPAQUE = 0xff000000;

/** Draws slices with the processor alone: needs no WebGL. */
export function canvasStage(image: CaseImage): Stage {
  const shades = new Shades(image.voxels);
  return {
    attach: (host) => new CanvasPainter(image, shades, host),
    dispose: () => undefined,
  };
}

/** Greys of every integer a voxel can be, so that none is worked out per pixel. */
class Shades {
  readonly #isInteger: boolean;
  readonly #table = new Uint8Array(HALF * 3);
  #window: Window = { lower: 0, upper: 0 };

  constructor(voxels: VoxelArray) {
    this.#isInteger = !(voxels instanceof Float32Array || voxels instanceof Float64Array);
  }

  /** null for voxels that are no integers */
  of(window: Window): Uint8Array | null {
    if (!this.#isInteger) return null;
    const { lower, upper } = this.#window;
    if (lower !== window.lower || upper !== window.upper) {
      this.#window = window;
      for (let index = 0; index < this.#table.length; index++) {
        this.#table[index] = greyOf(index - HALF, window);
      }
    }
    return this.#table;
  }
}

class CanvasPainter implements Painter {
  readonly #image: CaseImage;
  readonly #canvas = document.createElement("canvas");
  readonly #greys = new Layer();
  readonly #colours = new Layer();
  #greysKey = "";
  #drawn: PaneView | null = null;
  readonly #shades: Shades;

  constructor(image: CaseImage, shades: Shades, host: HTMLElement) {
    this.#image = image;
    this.#shades = shades;
    this.#canvas.className = "paneCanvas";
    host.append(this.#canvas);
  }

  paint(view: PaneView): void {
    if (this.#drawn && isSame(this.#drawn, view)) return;
    this.#drawn = view;
    const { axes, slice, size, projection } = view;
    const { shape, spacing } = this.#image.grid;
    const walk = sliceWalk(shape, axes, slice);
    const ratio = window.devicePixelRatio || 1;
    sizeTo(this.#canvas, Math.round(size.width * ratio), Math.round(size.height * ratio));
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const scale = projection.scale * ratio;
    const place = [
      projection.left * ratio,
      projection.top * ratio,
      walk.columns * spacing[axes.across] * scale,
      walk.rows * spacing[axes.down] * scale,
    ] as const;
    this.#drawGreys(walk, view);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.#greys.canvas, ...place);
    const layers = view.layers.filter(({ opacity }) => opacity > 0);
    if (layers.length === 0) return;
    drawColours(this.#colours, walk, layers);
    // A mask is not blurred: a voxel has a label or not.
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#colours.canvas, ...place);
  }

  dispose(): void {
    this.#canvas.remove();
  }

  #drawGreys(walk: SliceWalk, { axes, slice, window }: PaneView): void {
    const key = JSON.stringify([axes.fixed, slice, window]);
    if (key === this.#greysKey) return;
    this.#greysKey = key;
    const pixels = this.#greys.begin(walk);
    const { voxels } = this.#image;
    const shades = this.#shades.of(window);
    let to = 0;
    for (let row = 0; row < walk.rows; row++) {
      let at = walk.start + row * walk.row;
      for (let column = 0; column < walk.columns; column++, at += walk.column) {
        const value = voxels[at] as number;
        const grey = shades ? (shades[value + HALF] as number) : greyOf(value, window);
        pixels[to++] = OPAQUE | (grey << 16) | (grey << 8) | grey;
      }
    }
    this.#greys.end();
  }
}

/** Whether two views look the same: scrolling one plane draws no other again. */
function isSame(a: PaneView, b: PaneView): boolean {
  const facts = ({ axes, slice, size, projection, window }: PaneView) =>
    JSON.stringify([axes.fixed, slice, size, projection, window]);
  return (
    a.layers.length === b.layers.length &&
    a.layers.every((layer, index) => {
      const other = b.layers[index];
      return (
        layer.mask === other?.mask && layer.table === other.table && layer.opacity === other.opacity
      );
    }) &&
    facts(a) === facts(b)
  );
}

/** A picture with one pixel for each voxel of a slice. */
class Layer {
  readonly canvas = document.createElement("canvas");
  #picture: ImageData | null = null;

  /** @returns pixels to write, row-major, alpha in the highest byte */
  begin({ columns, rows }: SliceWalk): Uint32Array {
    if (this.#picture?.width !== columns || this.#picture.height !== rows) {
      sizeTo(this.canvas, columns, rows);
      this.#picture = new ImageData(columns, rows);
    }
    return new Uint32Array(this.#picture.data.buffer);
  }

  end(): void {
    if (this.#picture) this.canvas.getContext("2d")?.putImageData(this.#picture, 0, 0);
  }
}

/** Lays masks over each other, each over those before it. */
function drawColours(target: Layer, walk: SliceWalk, layers: readonly DrawnLayer[]): void {
  const pixels = target.begin(walk);
  pixels.fill(0);
  for (const { mask, table, opacity } of layers) {
    const colours = new Uint32Array(table.buffer, table.byteOffset, 256).map((one) =>
      withOpacity(one, opacity),
    );
    const { voxels } = mask;
    let to = 0;
    for (let row = 0; row < walk.rows; row++) {
      let at = walk.start + row * walk.row;
      for (let column = 0; column < walk.columns; column++, at += walk.column, to++) {
        const value = voxels[at] as number;
        if (value === 0) continue;
        const below = pixels[to] as number;
        const colour = colours[value] as number;
        pixels[to] = below === 0 ? colour : over(colour, below);
      }
    }
  }
  target.end();
}

function withOpacity(colour: number, opacity: number): number {
  const alpha = Math.round((colour >>> 24) * opacity);
  return ((alpha << 24) | (colour & 0xffffff)) >>> 0;
}

/** A colour over another, both with alpha. */
function over(upper: number, lower: number): number {
  const a = (upper >>> 24) / 255;
  const b = ((lower >>> 24) / 255) * (1 - a);
  const alpha = a + b;
  const mix = (shift: number) =>
    Math.round((((upper >>> shift) & 255) * a + ((lower >>> shift) & 255) * b) / alpha) << shift;
  return ((Math.round(alpha * 255) << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
}

function sizeTo(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
