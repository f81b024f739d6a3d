import type { Delivery, ValueId } from "./delivery.ts";

/**
 * Ops of networks that treat places as tokens; meanings as in `nn/ops.ts`. Tokens are the
 * places of a grid, so that nothing has to be done to go from one to the other.
 */
export type TokenNode =
  | {
      readonly kind: "depthwise";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly size: number;
      readonly kernel: string;
      readonly bias: string;
    }
  | { readonly kind: "gelu"; readonly x: ValueId; readonly y: ValueId }
  | {
      readonly kind: "layerNorm";
      readonly x: ValueId;
      readonly y: ValueId;
      /** [batch, ..spatial, 2]: mean and 1 / sqrt(variance + epsilon), for the gradient. */
      readonly statistics: ValueId;
      readonly scale: string;
      readonly shift: string;
      readonly epsilon: number;
    }
  /** `y` is a view of some channels of `x`: nothing is left to do. */
  | { readonly kind: "part"; readonly x: ValueId; readonly y: ValueId }
  | {
      readonly kind: "attention";
      /** Queries. */
      readonly x: ValueId;
      readonly key: ValueId;
      readonly value: ValueId;
      readonly y: ValueId;
      /**
       * [batch, ..spatial, 4 heads]: of each query and head the logarithm of the sum of
       * exponentials; then, from the gradient by queries on, the sum of y dy.
       */
      readonly statistics: ValueId;
      readonly heads: number;
    }
  /** y = x + table, `table` [..spatial, channels]. */
  | {
      readonly kind: "position";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly table: string;
    }
  /** y = x + values, which nothing learns: [..spatial, channels]. */
  | {
      readonly kind: "addTable";
      readonly x: ValueId;
      readonly y: ValueId;
      readonly values: Float32Array;
    }
  | ({ readonly kind: "pick"; readonly x: ValueId; readonly y: ValueId } & Picked);

/** Which places of each sample are picked. */
interface Picked {
  /** Name of the step's list of places: [batch, places of y]. */
  readonly index: string;
  /** Weight that stands where the list says -1. */
  readonly token: string | null;
}

/** Ops of the backward pass, as in `graph.ts`. */
export type TokenGradientNode =
  | ({
      readonly kind: "depthwiseInputGradient";
      readonly dy: ValueId;
      readonly size: number;
      readonly kernel: string;
    } & Delivery)
  | {
      readonly kind: "depthwiseWeightGradient";
      readonly x: ValueId;
      readonly dy: ValueId;
      readonly size: number;
      readonly kernel: string;
      readonly bias: string;
    }
  | ({ readonly kind: "geluGradient"; readonly x: ValueId; readonly dy: ValueId } & Delivery)
  /** Also gives the gradients of `scale` and `shift`. */
  | ({
      readonly kind: "layerNormGradient";
      readonly x: ValueId;
      readonly statistics: ValueId;
      readonly dy: ValueId;
      readonly scale: string;
      readonly shift: string;
    } & Delivery)
  /** Comes before the other two: it completes `statistics`. */
  | ({ readonly kind: "attentionQueryGradient" } & AttentionInputs & Delivery)
  | ({ readonly kind: "attentionKeyGradient" } & AttentionInputs & Delivery)
  | ({ readonly kind: "attentionValueGradient" } & AttentionInputs & Delivery)
  | { readonly kind: "tableGradient"; readonly dy: ValueId; readonly table: string }
  | ({ readonly kind: "pickGradient"; readonly dy: ValueId } & Picked & Delivery)
  | {
      readonly kind: "pickTokenGradient";
      readonly dy: ValueId;
      readonly index: string;
      readonly token: string;
    };

/** What the gradients of an attention read. */
export interface AttentionInputs {
  readonly x: ValueId;
  readonly key: ValueId;
  readonly value: ValueId;
  /** What the attention gave. */
  readonly result: ValueId;
  readonly statistics: ValueId;
  readonly dy: ValueId;
  readonly heads: number;
}

const forwardKinds: ReadonlySet<string> = new Set<TokenNode["kind"]>([
  ...(["depthwise", "gelu", "layerNorm", "part", "attention"] as const),
  ...(["position", "addTable", "pick"] as const),
]);

const backwardKinds: ReadonlySet<string> = new Set<TokenGradientNode["kind"]>([
  ...(["depthwiseInputGradient", "depthwiseWeightGradient", "geluGradient"] as const),
  ...(["layerNormGradient", "attentionQueryGradient", "attentionKeyGradient"] as const),
  ...(["attentionValueGradient", "tableGradient", "pickGradient", "pickTokenGradient"] as const),
]);

/** Whether a node of the forward pass is one of these. */
export const isTokenNode = <N extends { readonly kind: string }>(
  node: N,
): node is Extract<N, TokenNode> => forwardKinds.has(node.kind);

/** Whether a node of the backward pass is one of these. */
export const isTokenGradient = <N extends { readonly kind: string }>(
  node: N,
): node is Extract<N, TokenGradientNode> => backwardKinds.has(node.kind);
