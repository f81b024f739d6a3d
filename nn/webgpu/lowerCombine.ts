import { passKernel } from "../kernels/activation/pass.wgsl.ts";
import {
  addKernel,
  multiplyKernel,
  preluGradientKernel,
  preluKernel,
  preluSlopeKernel,
  rearrangeKernel,
  sharedGateGradientKernel,
  sigmoidGradientKernel,
  sigmoidKernel,
} from "../kernels/combine/combine.wgsl.ts";
import type { PlanNode, ValueId } from "../plan/graph.ts";
import type { Lowering } from "./lowering.ts";

type Node<K extends PlanNode["kind"]> = Extract<PlanNode, { kind: K }>;
type Target = ReturnType<Lowering["result"]>;

type Combining = Node<
  | "add"
  | "multiply"
  | "multiplyGradient"
  | "gateGradient"
  | "sigmoid"
  | "sigmoidGradient"
  | "prelu"
  | "preluGradient"
>;

/** Ops that work place by place on values of one size. */
export function lowerCombining(to: Lowering, node: Combining): void {
  switch (node.kind) {
    case "add":
      lowerAdd(to, node);
      break;
    case "multiply":
      lowerMultiply(to, node);
      break;
    case "multiplyGradient":
      lowerMultiplyGradient(to, node);
      break;
    case "gateGradient":
      lowerGateGradient(to, node);
      break;
    case "sigmoid":
      lowerSigmoid(to, node);
      break;
    case "sigmoidGradient":
      lowerSigmoidGradient(to, node);
      break;
    case "prelu":
      lowerPrelu(to, node);
      break;
    case "preluGradient":
      lowerPreluGradient(to, node);
      break;
  }
}

/** A copy through an epilogue; channels may lie differently in the two. */
export function lowerPass(
  to: Lowering,
  x: ValueId,
  { epilogue, uniforms }: Target,
  target: ValueId,
): void {
  const all = { ...uniforms, ...to.where("x", x), ...to.extent(target) };
  const threads = to.places(target) * to.layout.of(target).vec4s;
  if (sameLayout(to, x, target)) {
    to.emit(passKernel(epilogue), threads, all);
    return;
  }
  const { places } = to.layout.of(x);
  const lanesAt = to.lanes(target, (channel) => places[channel] ?? -1);
  to.emit(rearrangeKernel(epilogue), threads, { ...all, lanesAt });
}

function sameLayout(to: Lowering, a: ValueId, b: ValueId): boolean {
  const [one, other] = [to.layout.of(a), to.layout.of(b)];
  return one === other || one.places.join() === other.places.join();
}

/** A value with its channels where those of `like` lie. */
function alike(to: Lowering, x: ValueId, like: ValueId) {
  if (sameLayout(to, x, like)) return to.where("y", x);
  const { vec4s } = to.layout.of(like);
  const yAt = to.temporary(to.places(like) * vec4s);
  const { places } = to.layout.of(x);
  to.emit(
    rearrangeKernel({ accumulate: false, mask: false, activation: false }),
    to.places(like) * vec4s,
    {
      ...{ ...to.where("x", x), ...to.extent(like), tAt: yAt, tPitch: vec4s },
      lanesAt: to.lanes(like, (channel) => places[channel] ?? -1),
    },
  );
  return { yAt, yPitch: vec4s };
}

const threadsOf = (to: Lowering, id: ValueId) => to.places(id) * to.layout.of(id).vec4s;

function lowerAdd(to: Lowering, node: Node<"add">): void {
  const other = alike(to, node.other, node.y);
  const { epilogue, uniforms } = to.result(node.y, node.activation);
  const sources = { ...to.where("x", node.x), ...other };
  const all = { ...uniforms, ...to.extent(node.y), ...sources };
  to.emit(addKernel(epilogue), threadsOf(to, node.y), all);
}

const isShared = (to: Lowering, gate: ValueId, x: ValueId): boolean =>
  to.shape(gate).at(-1) !== to.shape(x).at(-1);

function lowerProduct(to: Lowering, x: ValueId, gate: ValueId, target: Target, y: ValueId): void {
  const shared = isShared(to, gate, x);
  const other = shared ? to.where("y", gate) : alike(to, gate, x);
  to.emit(multiplyKernel(target.epilogue, shared), threadsOf(to, y), {
    ...target.uniforms,
    ...to.extent(y),
    ...to.where("x", x),
    ...other,
  });
}

function lowerMultiply(to: Lowering, node: Node<"multiply">): void {
  lowerProduct(to, node.x, node.gate, to.result(node.y, null), node.y);
}

function lowerMultiplyGradient(to: Lowering, node: Node<"multiplyGradient">): void {
  lowerProduct(to, node.dy, node.gate, to.delivery(node), node.dx);
}

function lowerGateGradient(to: Lowering, node: Node<"gateGradient">): void {
  const target = to.delivery(node);
  if (isShared(to, node.dx, node.x)) {
    to.emit(sharedGateGradientKernel(target.epilogue), to.places(node.x), {
      ...target.uniforms,
      ...to.extent(node.x),
      ...to.where("x", node.x),
      ...to.where("y", node.dy),
    });
    return;
  }
  if (sameLayout(to, node.dx, node.x)) {
    lowerProduct(to, node.x, node.dy, target, node.dx);
    return;
  }
  // The product lies as x does; its channels then go where the gate has them.
  const { vec4s, places } = to.layout.of(node.x);
  const tAt = to.temporary(to.places(node.x) * vec4s);
  const plain = { accumulate: false, mask: false, activation: false };
  to.emit(multiplyKernel(plain, false), threadsOf(to, node.x), {
    ...{ ...to.extent(node.x), tAt, tPitch: vec4s },
    ...to.where("x", node.x),
    ...to.where("y", node.dy),
  });
  to.emit(rearrangeKernel(target.epilogue), threadsOf(to, node.dx), {
    ...target.uniforms,
    ...{ ...to.extent(node.dx), xAt: tAt, xPitch: vec4s },
    lanesAt: to.lanes(node.dx, (channel) => places[channel] ?? -1),
  });
}

function lowerSigmoid(to: Lowering, node: Node<"sigmoid">): void {
  const { epilogue, uniforms } = to.result(node.y, null);
  to.emit(sigmoidKernel(epilogue), threadsOf(to, node.y), {
    ...uniforms,
    ...to.extent(node.y),
    ...to.where("x", node.x),
    lanesAt: to.lanes(node.y, () => 0),
  });
}

function lowerSigmoidGradient(to: Lowering, node: Node<"sigmoidGradient">): void {
  const { epilogue, uniforms } = to.delivery(node);
  to.emit(sigmoidGradientKernel(epilogue), threadsOf(to, node.dx), {
    ...uniforms,
    ...to.extent(node.dx),
    ...to.where("x", node.result),
    ...to.where("y", node.dy),
  });
}

function lowerPrelu(to: Lowering, node: Node<"prelu">): void {
  const { epilogue, uniforms } = to.result(node.y, null);
  to.emit(preluKernel(epilogue), threadsOf(to, node.y), {
    ...uniforms,
    ...to.extent(node.y),
    ...to.where("x", node.x),
    wAt: to.weights.range(node.slope).at,
  });
}

function lowerPreluGradient(to: Lowering, node: Node<"preluGradient">): void {
  const range = to.weights.range(node.slope);
  const places = to.places(node.x);
  const { parts, size } = to.split(places, 1, Math.ceil(places / 16));
  const sums = to.partials.place(range, parts);
  const sources = {
    ...to.extent(node.x),
    ...to.where("x", node.x),
    ...to.where("y", node.dy),
  };
  to.emit(preluSlopeKernel, parts, {
    ...sources,
    ...{ chunk: size, chunks: parts, pAt: sums.at, pPitch: sums.pitch },
  });
  const { epilogue, uniforms } = to.delivery(node);
  const all = { ...uniforms, ...sources, wAt: range.at };
  to.emit(preluGradientKernel(epilogue), threadsOf(to, node.dx), all);
}
