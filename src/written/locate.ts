// Where in a YAML document a key or a value stands.

import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { Path } from "./path.ts";

/** Offset of the value at `path`, or of its key, or of the nearest thing around it that exists. */
export function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  path.forEach((step, index) => {
    const last = index === path.length - 1;
    const pair = pairOf(document, node, step);
    const found = pair ? pair.value : itemOf(document, node, step);
    const key = start(pair?.key);
    // A block of lines is named by the key that leads there: its own start is its first key or item.
    const isBlock = (isMap(found) || isSeq(found)) && !found.flow;
    const better = pair && (part === "key" || !last || isBlock) ? key : (start(found) ?? key);
    if (better !== undefined) offset = better;
    node = found;
  });
  return offset;
}

/** A scalar as it is written in the file: 0x10 stays 0x10. */
export function writtenAs(document: Document, path: Path): string | undefined {
  let node: unknown = document.contents;
  for (const step of path) node = pairOf(document, node, step)?.value ?? itemOf(document, node, step);
  node = target(document, node);
  return isScalar(node) && node.type === "PLAIN" && node.source !== "" ? node.source : undefined;
}

function pairOf(document: Document, node: unknown, step: string | number): Pair | undefined {
  const map = target(document, node);
  if (!isMap(map)) return undefined;
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(step));
}

function itemOf(document: Document, node: unknown, step: string | number): unknown {
  const list = target(document, node);
  return isSeq(list) && typeof step === "number" ? list.items[step] : undefined;
}

function target(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function start(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
