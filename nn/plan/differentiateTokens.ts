import { PlannerError } from "#core/errors.ts";
import type { Delivery, ValueId } from "./delivery.ts";
import type { TokenGradientNode, TokenNode } from "./tokenNodes.ts";

/** Nodes that deliver a gradient, before it is known how it arrives. */
export type UnmaskedOf<N> = N extends Delivery ? Omit<N, keyof Delivery> : never;

/** What the ops of tokens need of the tape that they are differentiated on. */
interface Tape {
  readonly nodes: { push(node: TokenGradientNode): number };
  deliver(
    x: ValueId,
    node: UnmaskedOf<TokenGradientNode> | { readonly kind: "pass"; readonly dy: ValueId },
  ): void;
  needGradient(x: ValueId): void;
}

/** Adds the gradients of one node, given the gradient `dy` by its result. */
export function visitToken(
  node: Exclude<TokenNode, { kind: "part" }>,
  dy: ValueId,
  tape: Tape,
): void {
  switch (node.kind) {
    case "depthwise": {
      const { x, size, kernel, bias } = node;
      tape.nodes.push({ kind: "depthwiseWeightGradient", x, dy, size, kernel, bias });
      tape.deliver(x, { kind: "depthwiseInputGradient", dy, size, kernel });
      return;
    }
    case "gelu":
      tape.deliver(node.x, { kind: "geluGradient", x: node.x, dy });
      return;
    case "layerNorm": {
      const { x, statistics, scale, shift } = node;
      // Scale and shift need their gradient even where the input is the image itself.
      tape.needGradient(x);
      tape.deliver(x, { kind: "layerNormGradient", x, statistics, dy, scale, shift });
      return;
    }
    case "attention":
      visitAttention(node, dy, tape);
      return;
    case "position":
      tape.nodes.push({ kind: "tableGradient", dy, table: node.table });
      tape.deliver(node.x, { kind: "pass", dy });
      return;
    case "addTable":
      tape.deliver(node.x, { kind: "pass", dy });
      return;
    case "pick": {
      const { x, index, token } = node;
      if (token !== null) tape.nodes.push({ kind: "pickTokenGradient", dy, index, token });
      tape.deliver(x, { kind: "pickGradient", dy, index, token });
      return;
    }
  }
}

function visitAttention(
  node: Extract<TokenNode, { kind: "attention" }>,
  dy: ValueId,
  tape: Tape,
): void {
  const { x, key, value, y, statistics, heads } = node;
  if (new Set([x, key, value]).size < 3)
    throw new PlannerError(
      "argument",
      "queries, keys and values of an attention must be three tensors, got one twice",
    );
  const shared = { x, key, value, result: y, statistics, dy, heads };
  // The gradients by keys and values read what that by queries leaves behind.
  for (const input of [x, key, value]) tape.needGradient(input);
  tape.deliver(x, { kind: "attentionQueryGradient", ...shared });
  tape.deliver(key, { kind: "attentionKeyGradient", ...shared });
  tape.deliver(value, { kind: "attentionValueGradient", ...shared });
}
