import { elements } from "../plan/graph.ts";
import type { PlacedValue } from "./stepPlan.ts";

/** The values of a block, row-major and without gaps. */
export function denseOf(value: PlacedValue, block: Float32Array): Float32Array {
  const dense = new Float32Array(elements(value.shape));
  for (let i = 0; i < dense.length; i++) dense[i] = block[floatOf(value, i)] ?? Number.NaN;
  return dense;
}

/** A block with these values; zero in its gaps. */
export function blockOf(value: PlacedValue, dense: Float32Array): Float32Array<ArrayBuffer> {
  const block = new Float32Array(value.bytes / 4);
  for (let i = 0; i < dense.length; i++) block[floatOf(value, i)] = dense[i] ?? Number.NaN;
  return block;
}

function floatOf({ pitch, start, channels: { places } }: PlacedValue, index: number): number {
  const channel = places[index % places.length] ?? 0;
  return Math.floor(index / places.length) * pitch + start + channel;
}
