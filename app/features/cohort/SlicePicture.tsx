import { useEffect, useRef } from "react";
import type { PreviewSlice } from "#workers/protocol.ts";

interface SlicePictureProps {
  readonly slice: PreviewSlice;
  readonly label: string;
}

/** Pictures are at most so tall. */
const HEIGHT_REM = 20;

/** A slice in grey levels at its true proportions, the edge of its mask in colour. */
export function SlicePicture({ slice, label }: SlicePictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, height, width] = slice.shape;
  const [, rowSpacing, columnSpacing] = slice.spacing;
  const ratio = (width * columnSpacing) / (height * rowSpacing);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(coloured(slice), width, height), 0, 0);
  }, [slice, width, height]);
  return (
    <canvas
      ref={canvas}
      className="slicePicture"
      width={width}
      height={height}
      role="img"
      aria-label={label}
      style={{ aspectRatio: `${ratio}`, width: `min(100%, ${HEIGHT_REM * ratio}rem)` }}
    />
  );
}

/** Orange as the accent of warnings: seen on grey in both colour schemes. */
const EDGE = [255, 150, 40] as const;

function coloured({ shape, pixels, mask }: PreviewSlice): Uint8ClampedArray<ArrayBuffer> {
  const [, height, width] = shape;
  const colours = new Uint8ClampedArray(4 * height * width);
  const inside = (row: number, column: number) =>
    row >= 0 && row < height && column >= 0 && column < width && mask[row * width + column] === 1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const isEdge =
        mask[at] === 1 &&
        !(
          inside(row - 1, column) &&
          inside(row + 1, column) &&
          inside(row, column - 1) &&
          inside(row, column + 1)
        );
      const grey = pixels[at] as number;
      colours.set(isEdge ? EDGE : [grey, grey, grey], 4 * at);
      colours[4 * at + 3] = 255;
    }
  }
  return colours;
}
