import { useEffect, useRef } from "react";
import type { Thumbnail } from "#core/view/thumbnail.ts";
import { PICTURE_SIDE } from "./useSliceImages.ts";

interface SliceThumbsProps {
  readonly picks: readonly number[];
  /** Picks without a picture. */
  readonly left: number;
  readonly imageOf: (slice: number) => Thumbnail | null;
}

/** Picked slices as small pictures, in the order of the axis. */
export function SliceThumbs({ picks, left, imageOf }: SliceThumbsProps) {
  if (picks.length === 0) return <p className="soft">No slice of this case.</p>;
  return (
    <>
      <ul className="sliceThumbs">
        {picks.map((slice) => (
          <li key={slice}>
            <SlicePicture picture={imageOf(slice)} label={`Slice ${slice}`} />
            <span>{slice}</span>
          </li>
        ))}
      </ul>
      {left > 0 ? <p className="soft">{left} more picked; the table lists them.</p> : null}
    </>
  );
}

/** A slice as a picture, or room for it. */
export function SlicePicture({ picture, label }: { picture: Thumbnail | null; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!picture || !context) return;
    const { width, height, rgba } = picture;
    context.canvas.width = width;
    context.canvas.height = height;
    context.putImageData(new ImageData(rgba, width, height), 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      width={PICTURE_SIDE}
      height={PICTURE_SIDE}
      className="slicePicture"
    />
  );
}
