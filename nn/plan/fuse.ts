import { type ForwardNode, type Graph, readsOf, storageOf, type ValueId } from "./graph.ts";

/**
 * Moves each activation into the op before it, where nothing else reads that op's result.
 * The values left behind are no longer written nor read.
 */
export function fuse(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: ForwardNode[] = [];
  const producerAt = new Map<ValueId, number>();
  for (const node of graph.nodes) {
    if (node.kind === "activate" && uses.get(node.x) === 1) {
      const at = producerAt.get(node.x);
      const producer = at === undefined ? undefined : nodes[at];
      if (at !== undefined && producer && takesActivation(producer)) {
        nodes[at] = { ...producer, y: node.y, activation: node.activation };
        producerAt.set(node.y, at);
        continue;
      }
    }
    producerAt.set(node.y, nodes.push(node) - 1);
  }
  return { ...graph, nodes };
}

const fusing = ["conv", "convTransposed", "norm", "normStored", "add"] as const;
type TakesActivation = Extract<ForwardNode, { kind: (typeof fusing)[number] }>;

const takesActivation = (node: ForwardNode): node is TakesActivation =>
  (fusing as readonly string[]).includes(node.kind) &&
  "activation" in node &&
  node.activation === null;

function countUses(graph: Graph): Map<ValueId, number> {
  const uses = new Map<ValueId, number>([[graph.output, 1]]);
  for (const node of graph.nodes)
    for (const id of readsOf(node)) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/**
 * Makes every part of a concatenation a view of its result, so that joining costs nothing.
 * A part that cannot be one (the image, a part of two concatenations, a result computed
 * from another part of the same one) is copied into place.
 */
export function placeConcats(graph: Graph): Graph {
  const values = [...graph.values];
  const nodes = [...graph.nodes];
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at];
    if (node?.kind !== "concat") continue;
    let channel = 0;
    const copies: ForwardNode[] = [];
    const parts = node.parts.map((part) => {
      const value = values[part];
      if (!value) throw new RangeError(`value must be one of ${values.length}, got ${part}`);
      const view = { of: node.y, channel };
      channel += value.shape.at(-1) ?? 0;
      if (canBeView(part, node.y)) {
        values[part] = { ...value, view };
        return part;
      }
      const copy = values.push({ shape: value.shape, view }) - 1;
      copies.push({ kind: "copy", x: part, y: copy });
      return copy;
    });
    nodes.splice(at, 1, ...copies, { ...node, parts });
    at += copies.length;
  }
  return { ...graph, values, nodes };

  function canBeView(part: ValueId, whole: ValueId): boolean {
    if (part === graph.input || part === graph.output || values[part]?.view) return false;
    const producer = nodes.find((node) => node.y === part);
    // A kernel that reads and writes the same storage may see its own results.
    return (
      producer !== undefined &&
      producer.kind !== "concat" &&
      readsOf(producer).every((read) => storageOf(values, read).root !== whole)
    );
  }
}
