import { useEffect, useRef } from "react";
import type { DrawnThumbnail } from "./thumbnailQueue.ts";

interface ThumbnailImageProps {
  readonly thumbnail: DrawnThumbnail | null;
  /** Length of the square it stands in, pixels. */
  readonly side: number;
}

/** A thumbnail, or a place for it; the words beside it say what it shows. */
export function ThumbnailImage({ thumbnail, side }: ThumbnailImageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = typeof thumbnail === "string" ? null : thumbnail;
  useEffect(() => {
    if (!picture || !canvas.current) return;
    const { width, height, rgba } = picture;
    canvas.current.width = width;
    canvas.current.height = height;
    canvas.current.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [picture]);
  return (
    <span
      className="thumbnail"
      style={{ width: side, height: side }}
      aria-hidden="true"
      title={typeof thumbnail === "string" ? thumbnail : undefined}
    >
      {picture ? <canvas ref={canvas} data-testid="thumbnail" /> : null}
    </span>
  );
}
