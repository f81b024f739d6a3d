import { type Taps, tapsOf, turned } from "../kernels/resample/resample.reference.ts";
import { mixAxisKernel } from "../kernels/resample/resample.wgsl.ts";
import type { PlanNode, ValueId } from "../plan/graph.ts";
import type { Lowering } from "./lowering.ts";

type Node<K extends PlanNode["kind"]> = Extract<PlanNode, { kind: K }>;

export function lowerResample(to: Lowering, node: Node<"resample">): void {
  const [from = 1, count = 1] = [to.shape(node.x)[node.axis], to.shape(node.y)[node.axis]];
  const taps = tapsOf(node.how, from, count);
  emitMix(to, node.axis, { x: node.x, y: node.y, taps, ...to.result(node.y, null) });
}

export function lowerResampleGradient(to: Lowering, node: Node<"resampleGradient">): void {
  const [from = 1, count = 1] = [to.shape(node.dx)[node.axis], to.shape(node.dy)[node.axis]];
  const taps = turned(tapsOf(node.how, from, count), from);
  emitMix(to, node.axis, { x: node.dy, y: node.dx, taps, ...to.delivery(node) });
}

interface Mix extends ReturnType<Lowering["result"]> {
  readonly x: ValueId;
  readonly y: ValueId;
  readonly taps: readonly Taps[];
}

function emitMix(to: Lowering, axis: number, { x, y, taps, epilogue, uniforms }: Mix): void {
  const shape = to.shape(y);
  to.emit(mixAxisKernel(epilogue), to.places(y) * to.layout.of(y).vec4s, {
    ...uniforms,
    ...to.extent(y),
    ...to.where("x", x),
    from_: to.shape(x)[axis] ?? 1,
    to: taps.length,
    inner: shape.slice(axis + 1, -1).reduce((a, b) => a * b, 1),
    tapsAt: to.tables.place(rowsOf(taps)),
  });
}

/** For each result its first and last row of taps, then a row for each: place, bits of the share. */
function rowsOf(taps: readonly Taps[]): number[] {
  const bits = new Int32Array(1);
  const share = new Float32Array(bits.buffer);
  const ends: number[] = [];
  const rows: number[] = [];
  let at = taps.length;
  for (const row of taps) {
    ends.push(at, at + row.length, 0, 0);
    at += row.length;
    for (const [place, value] of row) {
      share[0] = value;
      rows.push(place, bits[0] ?? 0, 0, 0);
    }
  }
  return [...ends, ...rows];
}
