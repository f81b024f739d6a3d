/** Width and height that a compressed image says of itself. */
export interface CodestreamSize {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
}

/**
 * The size of a JPEG, JPEG-LS or JPEG 2000 codestream, read before a codec allocates for it;
 * null when there is none.
 *
 * Source: ITU-T T.81 (markers SOFn), T.87 (SOF55), T.800 (SIZ).
 */
export function codestreamSize(bytes: Uint8Array): CodestreamSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || bytes[0] !== 0xff) return null;
  if (bytes[1] === 0x4f) return sizOf(view);
  return bytes[1] === 0xd8 ? sofOf(view) : null;
}

function sizOf(view: DataView): CodestreamSize | null {
  // SIZ follows SOC at once: marker, length, capabilities, size, offset, tiles, components.
  if (view.byteLength < 42 || view.getUint16(2) !== 0xff51) return null;
  return {
    columns: view.getUint32(8) - view.getUint32(16),
    rows: view.getUint32(12) - view.getUint32(20),
    samples: view.getUint16(40),
  };
}

function sofOf(view: DataView): CodestreamSize | null {
  let at = 2;
  while (at + 10 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (isFrameHeader(marker)) {
      return {
        rows: view.getUint16(at + 5),
        columns: view.getUint16(at + 7),
        samples: view.getUint8(at + 9),
      };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** SOF0 to SOF15 without the three that share their range, and SOF55 of JPEG-LS. */
function isFrameHeader(marker: number): boolean {
  if (marker === 0xf7) return true;
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
