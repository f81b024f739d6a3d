import { extents } from "../../plan/graph.ts";
import type { Triple } from "../places.ts";

/** Where a channels-last tensor lies in memory; it may be some channels of a wider one. */
export interface TensorView {
  /** Bytes. */
  readonly address: number;
  /** Bytes from one place to the next. */
  readonly step: number;
  readonly batch: number;
  /** Places along depth, height and width; 2D has depth 1. */
  readonly size: Triple;
  readonly channels: number;
}

/** The view of `shape` at `address`, dense unless `pitch` (channels from place to place) says. */
export function viewOf(
  shape: readonly number[],
  address: number,
  pitch = shape.at(-1) ?? 1,
): TensorView {
  const { batch, depth, height, width, channels } = extents(shape);
  return { address, step: pitch * 4, batch, size: [depth, height, width], channels };
}

export const volumeOf = ([depth, height, width]: Triple): number => depth * height * width;

/** Address of the first value of a sample. */
export const sampleAddress = (view: TensorView, sample: number): number =>
  view.address + sample * volumeOf(view.size) * view.step;

/** Places and channels that kernels without neighbours may run over: dense tensors are one place. */
export function flatExtent(...views: readonly TensorView[]): { places: number; channels: number } {
  const [first] = views;
  if (!first) return { places: 0, channels: 0 };
  const places = first.batch * volumeOf(first.size);
  const isDense = views.every(({ step, channels }) => step === channels * 4);
  return isDense
    ? { places: 1, channels: places * first.channels }
    : { places, channels: first.channels };
}
